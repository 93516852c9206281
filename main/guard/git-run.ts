import type { ProcessGroups } from '../kernel/process-groups.ts';
import { HostError } from '../../contract/errors.ts';
import type { Clock } from '../kernel/ports.ts';

export interface GitRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input. */
  readonly input?: string;
  readonly timeoutMs: number;
  /** More output than this is cut, and the rest is not waited for. */
  readonly maxBytes: number;
}

export interface GitOutput {
  readonly stdout: Buffer;
  readonly truncated: boolean;
}

/**
 * Runs git in a process group of its own.
 * @throws HostError `unavailable` when it fails, `timed_out`
 */
export async function runGit(
  { groups, clock }: { groups: ProcessGroups; clock: Clock },
  run: GitRun,
): Promise<GitOutput> {
  const child = await groups.spawn({
    argv: run.argv,
    cwd: run.cwd,
    env: run.env,
    label: 'git',
    graceMs: 500,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  const ended = { late: false };
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('latin1')).slice(-500);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    const room = run.maxBytes - bytes;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    bytes += chunk.length;
    if (bytes > run.maxBytes) void child.stop();
  });
  const cancel = clock.after(run.timeoutMs, () => {
    ended.late = true;
    void child.stop();
  });
  child.stdin.end(run.input ?? '');
  const { code } = await child.exited;
  cancel();
  if (ended.late) throw new HostError('timed_out', `git took longer than ${run.timeoutMs / 1000} s`);
  const truncated = bytes > run.maxBytes;
  if (code !== 0 && !truncated)
    throw new HostError('unavailable', `git failed: ${said.trim().split('\n').at(-1) ?? ''}`);
  return { stdout: Buffer.concat(chunks), truncated };
}
