import { SessionId, TaskId } from '../../contract/ids.ts';
import type { Texts } from '../texts/t.ts';
import type { HostConnection } from './connection.tsx';
import type { HostEntry } from './host-entry.ts';
import type { CallOutcome } from './call-outcome.ts';
import { sessionView } from './task-view.ts';
import type { OfHost } from './task-view.ts';
import { openTimelineFeed } from './timeline-feed.ts';

type TaskReads = Pick<HostConnection, 'diff' | 'session' | 'sessions' | 'timeline'>;

function ofHost(entry: HostEntry): OfHost {
  const { id: hostId, name } = entry.view();
  return { hostId, name, workspaces: entry.state().workspaces };
}

/** What screens read of tasks and sessions beyond the state of a host. */
export function createTaskReads(deps: {
  readonly entryOf: (hostId: string) => HostEntry | undefined;
  readonly texts: Texts;
}): TaskReads {
  const { entryOf, texts } = deps;
  const gone = { kind: 'failed', why: texts.common.gone } as const;

  function failed(outcome: Exclude<CallOutcome<never>, { kind: 'done' }>) {
    return { kind: 'failed', why: outcome.kind === 'refused' ? outcome.why : texts.common.noAnswer } as const;
  }

  return {
    timeline(hostId, sessionId, changed) {
      const id = SessionId.safeParse(sessionId);
      const link = entryOf(hostId)?.link;
      if (link && id.success) return openTimelineFeed(link, id.data, texts.common.noAnswer, changed);
      changed({ state: 'failed', why: texts.common.gone, items: [], more: false, unreadable: 0 });
      return { earlier: () => undefined, again: () => undefined, close: () => undefined };
    },
    async diff(hostId, taskId) {
      const entry = entryOf(hostId);
      const id = TaskId.safeParse(taskId);
      if (!entry || !id.success) return gone;
      const answer = await entry.link.call('tasks.diff', { taskId: id.data });
      return answer.kind === 'done' ? { kind: 'ready', diff: answer.value } : failed(answer);
    },
    async session(hostId, sessionId) {
      const entry = entryOf(hostId);
      const id = SessionId.safeParse(sessionId);
      if (!entry || !id.success) return gone;
      const answer = await entry.link.call('sessions.get', { sessionId: id.data });
      if (answer.kind !== 'done') return failed(answer);
      return { kind: 'ready', session: sessionView(answer.value, ofHost(entry)) };
    },
    async sessions(hostId, agent, cursor) {
      const entry = entryOf(hostId);
      if (!entry) return gone;
      const from = cursor === null ? {} : { cursor };
      const answer = await entry.link.call('sessions.list', { agent, limit: 50, ...from });
      if (answer.kind !== 'done') return failed(answer);
      const { next, notices, sessions } = answer.value;
      const of = ofHost(entry);
      return {
        kind: 'ready',
        sessions: sessions.map((session) => sessionView(session, of)),
        next,
        notices: notices.map(({ message }) => message),
      };
    },
  };
}
