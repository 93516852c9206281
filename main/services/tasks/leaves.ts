import { HostError } from '../../../contract/errors.ts';
import type { PlannedWrite } from '../../acp/planned-writes.ts';

/** What an agent was allowed and has not finished: it ends when the agent reports, when its turn ends, or when it dies. */
export interface Leaves {
  /** Settles when the tool call is over; rejects with why it failed. */
  open(toolCallId: string, writes: readonly PlannedWrite[]): Promise<void>;
  /** The write that was allowed for exactly this path and content, once; null when there is none. */
  take(path: string, newSha256: string): TakenWrite | null;
  /** The agent reported the end of a tool call. */
  report(toolCallId: string, succeeded: boolean): Promise<void>;
  /** Nothing more will come. With a reason, what is open has failed. */
  closeAll(failure: string | null): Promise<void>;
}

export interface TakenWrite {
  readonly write: PlannedWrite;
  done(): void;
  failed(error: unknown): void;
}

interface Leave {
  readonly toolCallId: string;
  readonly open: Set<PlannedWrite>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * @param onDisk the hash of a file as it is now, null when there is none
 * @param onFound told about files that the agent wrote by itself, as it was allowed
 */
export function createLeaves(deps: {
  onDisk: (path: string) => Promise<string | null>;
  onFound: (write: PlannedWrite) => void;
}): Leaves {
  const leaves = new Set<Leave>();

  function settle(leave: Leave, error?: unknown): void {
    if (!leaves.delete(leave)) return;
    if (error === undefined) leave.resolve();
    else leave.reject(error);
  }

  /** An agent may write by itself; then the files must hold what was shown. */
  async function verify(leave: Leave): Promise<void> {
    for (const write of leave.open) {
      if ((await deps.onDisk(write.path)) !== write.newSha256) {
        settle(leave, new HostError('stale', `${write.path} does not hold what was approved`));
        return;
      }
      deps.onFound(write);
    }
    settle(leave);
  }

  return {
    open(toolCallId, writes) {
      return new Promise((resolve, reject) => {
        leaves.add({ toolCallId, open: new Set(writes), resolve, reject });
      });
    },
    take(path, newSha256) {
      for (const leave of leaves) {
        const write = [...leave.open].find((other) => other.path === path && other.newSha256 === newSha256);
        if (!write) continue;
        leave.open.delete(write);
        return {
          write,
          done: () => {
            if (leave.open.size === 0) settle(leave);
          },
          failed: (error) => settle(leave, error),
        };
      }
      return null;
    },
    async report(toolCallId, succeeded) {
      for (const leave of [...leaves]) {
        if (leave.toolCallId !== toolCallId) continue;
        if (succeeded) await verify(leave);
        else settle(leave, new HostError('unavailable', 'the agent reported that it failed'));
      }
    },
    async closeAll(failure) {
      for (const leave of [...leaves]) {
        if (failure === null) await verify(leave);
        else settle(leave, new HostError('unavailable', failure));
      }
    },
  };
}
