import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { AgentLink } from './agent-link.ts';
import type { Conversation } from './conversation.ts';

/** How long an agent may take to end its turn after it was asked to. */
const CANCEL_GRACE_MS = 5000;

/** Giving up on an agent: whoever waits for it is told at once. */
export interface Surrender {
  readonly rejected: Promise<never>;
  now(error: Error): void;
}

/** A promise that is rejected from outside. */
export function createSurrender(): Surrender {
  let now: (error: Error) => void = () => {};
  const rejected = new Promise<never>((_resolve, reject) => (now = reject));
  rejected.catch(() => {});
  return { rejected, now: (error) => now(error) };
}

/** Asks the agent to end its turn and gives up on it when it does not; or gives up at once. */
export function endTurn(
  how: 'politely' | 'at once',
  reason: string,
  parts: { clock: Clock; link: AgentLink | null; conversation: Conversation | null; surrender: Surrender },
): void {
  const { clock, link, conversation, surrender } = parts;
  conversation?.abort();
  const stop = () => surrender.now(new HostError('unavailable', reason));
  if (how === 'at once' || link?.cancel() !== true) stop();
  else clock.after(CANCEL_GRACE_MS, stop);
}
