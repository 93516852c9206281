import { HostError } from '../../../contract/errors.ts';
import type { AgentExit, AgentProcess } from '../../acp/agent-process.ts';
import type { Clock } from '../../kernel/ports.ts';
import { lastLines } from './agent-output.ts';

/** The last answer of an agent that ends may still be on its way. */
const LAST_WORDS_MS = 300;

const lastWords = (clock: Clock) => new Promise<void>((resolve) => clock.after(LAST_WORDS_MS, resolve));

/** The end of an agent in words. */
function describeExit({ code, signal }: AgentExit): string {
  return `the agent ended before its turn did (${signal === null ? `exit code ${code ?? 'unknown'}` : signal})`;
}

/** What went wrong in a turn, in words for a person. */
export function describeError(error: unknown): string {
  if (error instanceof HostError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === -32000)
    return 'the agent needs a login: start it once in a terminal and sign in, or give it a key (signalbox agents login)';
  const message = error instanceof Error ? error.message : String(error);
  return typeof code === 'number' ? `the agent answered with an error: ${message} (${code})` : message;
}

/** Rejects when the agent has ended and what it said last has been read. */
export async function untilDeath(agent: AgentProcess, clock: Clock): Promise<never> {
  const exit = await agent.exited;
  await lastWords(clock);
  throw new HostError('unavailable', describeExit(exit));
}

/** Why a turn failed, in words: the agent's own error, or its end and what it said last. */
export async function explain(
  error: unknown,
  { agent, clock, stderr }: { agent: AgentProcess; clock: Clock; stderr: () => string },
): Promise<string> {
  const exit = await Promise.race([agent.exited, lastWords(clock).then(() => null)]);
  const words = exit === null ? describeError(error) : describeExit(exit);
  const last = lastLines(stderr());
  return last === '' ? words : `${words}\n${last}`;
}

/** An error that the agent itself has answered, not one of ours. */
export function isAnswer(error: unknown): boolean {
  return (
    !(error instanceof HostError) &&
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'number'
  );
}
