import type { Clock } from '../../kernel/ports.ts';

/** More than a time server corrects in one step. */
const JUMP_MS = 5 * 60_000;

/** Whether the wall clock was set since this was made: by how far it has left the clock that only goes on. */
export function createClockWatch(clock: Clock): { jumped(): boolean } {
  const apart = () => clock.now() - clock.monotonic();
  const atFirst = apart();
  return { jumped: () => Math.abs(apart() - atFirst) > JUMP_MS };
}
