import type { SessionId } from '../../../contract/ids.ts';
import type { TaskRun } from './task-runner.ts';

/** Sessions that an agent holds open now. Each answers false when the session is not one of them. */
export interface LiveSessions {
  setMode(sessionId: SessionId, modeId: string): Promise<boolean>;
  setOption(sessionId: SessionId, optionId: string, value: string | boolean): Promise<boolean>;
  /** Ends the turn that runs, and with it its task. */
  cancel(sessionId: SessionId): Promise<boolean>;
  close(sessionId: SessionId): Promise<boolean>;
}

interface LiveRun {
  readonly run: TaskRun;
  readonly over: Promise<void>;
}

/** A session is open for as long as its task runs: to end its turn is to end its task. */
export function createLiveSessions(runOf: (sessionId: SessionId) => LiveRun | null): LiveSessions {
  async function withRun(sessionId: SessionId, work: (live: LiveRun) => Promise<unknown>): Promise<boolean> {
    const live = runOf(sessionId);
    if (live === null) return false;
    await work(live);
    return true;
  }

  async function end({ run, over }: LiveRun): Promise<void> {
    run.cancel('politely');
    await over;
  }

  return {
    setMode: (sessionId, modeId) => withRun(sessionId, ({ run }) => run.setMode(modeId)),
    setOption: (sessionId, optionId, value) =>
      withRun(sessionId, ({ run }) => run.setOption(optionId, value)),
    cancel: (sessionId) => withRun(sessionId, end),
    close: (sessionId) => withRun(sessionId, end),
  };
}
