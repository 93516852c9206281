import type { ToolCall } from '../../../contract/bridge.ts';
import { HostError, type ErrorCode } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'refused',
  'not_permitted',
  'expired',
  'paused',
  'locked_down',
]);

/**
 * Runs one tool call and tells the state stream how it went: who, which tool, outcome and duration. `detail` is made
 * of a path, an exit code or an error code; what was read, searched for, written or run is never in it.
 */
export async function recordedCall<T>(
  deps: { publish: (event: HostEvent) => void; clock: Clock; random: RandomSource },
  call: { tool: string; caller: Caller; detail: (value: T) => string },
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = deps.clock.monotonic();
  const publish = (outcome: ToolCall['outcome'], detail: string): void =>
    deps.publish({
      type: 'tool.called',
      call: {
        id: deps.random.id(),
        tool: call.tool,
        client: call.caller.principal,
        outcome,
        detail: detail.slice(0, 512),
        calledAt: instant(deps.clock.now()),
        durationMs: Math.round((deps.clock.monotonic() - startedAt) * 10) / 10,
      },
    });
  try {
    const value = await run();
    publish('ok', call.detail(value));
    return value;
  } catch (error) {
    const code = error instanceof HostError ? error.code : 'internal';
    publish(REFUSALS.has(code) ? 'refused' : 'failed', code);
    throw error;
  }
}
