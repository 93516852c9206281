import type { Schedule } from './channel/channel-handshake.ts';

/** How long silence is borne, in milliseconds. */
export interface Patience {
  /** For the first message of the host. */
  readonly welcomeMs: number;
  /** Before the host is asked whether it still hears us, while an answer is awaited. */
  readonly waitingMs: number;
  /** The same while nothing is awaited. */
  readonly idleMs: number;
  /** For the answer to that question. */
  readonly answerMs: number;
}

export const PATIENCE: Patience = { welcomeMs: 5_000, waitingMs: 1_500, idleMs: 20_000, answerMs: 3_000 };

/** A slow network may still be busy with what was sent before the answer: so many times longer it may take then. */
const WHILE_BUSY = 4;

/**
 * A network that swallows the last frame of an exchange shows neither an error nor an end. So the other side is asked
 * now and then: either the answer comes, which proves both directions whole, or the gap shows, or nobody is there.
 */
export function createSilenceWatch(
  schedule: Schedule,
  { waitingMs, idleMs, answerMs }: Omit<Patience, 'welcomeMs'>,
  { awaiting, ask, giveUp }: { awaiting(): boolean; ask(): void; giveUp(): void },
) {
  let cancel = () => {};
  let phase: 'off' | 'idle' | 'waiting' | 'asked' = 'off';
  let heard = false;
  let asked = 0;

  function enter(next: 'idle' | 'waiting' | 'asked'): void {
    cancel();
    phase = next;
    heard = false;
    cancel = schedule({ idle: idleMs, waiting: waitingMs, asked: answerMs }[next], due);
  }
  const rest = () => enter(awaiting() ? 'waiting' : 'idle');

  function due(): void {
    if (phase === 'idle' && heard) return rest();
    if (phase !== 'asked') {
      asked = 1;
      enter('asked');
      ask();
    } else if (heard && asked < WHILE_BUSY) {
      asked += 1;
      enter('asked');
    } else giveUp();
  }

  return {
    start: rest,
    /** Anything came from the other side. */
    heard: () => void (heard = true),
    /** The answer to our question came. */
    answered() {
      if (phase === 'asked') rest();
    },
    /** An answer is awaited from now on: ask sooner. */
    hurry() {
      if (phase === 'idle') enter('waiting');
    },
    stop() {
      phase = 'off';
      cancel();
    },
  };
}
