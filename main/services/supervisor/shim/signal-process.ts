import { spawn } from 'node:child_process';

/**
 * Signals one process, or with a negative number the group that it leads. Who is gone already is no error.
 * Windows has neither groups nor TERM: there the tree is asked to end, or with KILL ended.
 */
export function signalProcess(pid: number, signal: 'SIGTERM' | 'SIGCONT' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    const force = signal === 'SIGKILL' ? ['/F'] : [];
    if (signal === 'SIGCONT') return;
    spawn('taskkill', ['/pid', String(Math.abs(pid)), '/T', ...force], { stdio: 'ignore' }).on(
      'error',
      () => {},
    );
    return;
  }
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: nobody is left to signal.
  }
}
