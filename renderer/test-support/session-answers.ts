import { commands } from '../../contract/commands.ts';
import { HostError } from '../../contract/errors.ts';
import { Session, type TimelineEntry } from '../../contract/sessions.ts';

const iso = (ms: number) => new Date(ms).toISOString();

export function sampleSession(id: string, now: number, part: Partial<Session> = {}): Session {
  return Session.parse({
    ...{ id, agentSessionId: `their-${id}`, agent: 'demo', workspaceId: 'ws_1', taskId: 'task_1' },
    ...{
      title: 'Round prices to whole cents and add tests',
      state: 'ended',
      epoch: 'e1',
      startedBy: 'owner:desktop',
    },
    ...{ createdAt: iso(now - 1_200_000), lastActiveAt: iso(now - 60_000), ...part },
  });
}

/** Answers the commands of sessions as the host does, from what it is given. Undefined for any other command. */
export function answerSessions(
  name: string,
  input: unknown,
  all: Map<string, Session>,
  entriesOf: (id: string) => readonly TimelineEntry[],
): unknown {
  const known = (id: string): Session => {
    const session = all.get(id);
    if (!session) throw new HostError('not_found', `there is no session "${id}"`);
    return session;
  };
  const change = (id: string, part: Partial<Session>): Session => {
    const after = { ...known(id), ...part };
    all.set(id, after);
    return after;
  };
  const answers: Record<string, () => unknown> = {
    'sessions.list': () => {
      const { state, origin, agent } = commands['sessions.list'].input.parse(input);
      const sessions = [...all.values()].filter(
        (one) =>
          (state === undefined ? one.state !== 'deleted' : one.state === state) &&
          (origin === undefined || one.origin === origin) &&
          (agent === undefined || one.agent === agent),
      );
      return { sessions, next: null, notices: [] };
    },
    'sessions.get': () => known(commands['sessions.get'].input.parse(input).sessionId),
    'sessions.timeline': () => {
      const { sessionId, beforeSeq, newest, afterSeq, limit } =
        commands['sessions.timeline'].input.parse(input);
      const entries = entriesOf(sessionId);
      const before = newest
        ? entries
        : entries.filter(({ seq }) => seq < (beforeSeq ?? Number.POSITIVE_INFINITY));
      const backwards = newest === true || beforeSeq !== undefined;
      const wanted = backwards
        ? before.slice(-limit)
        : entries.filter(({ seq }) => seq > (afterSeq ?? -1)).slice(0, limit);
      const more = backwards ? before.length > limit : (wanted.at(-1)?.seq ?? 0) < (entries.at(-1)?.seq ?? 0);
      return { session: known(sessionId), epoch: 'e1', reset: false, entries: wanted, more, unreadable: 0 };
    },
    'sessions.delete': () =>
      change(commands['sessions.delete'].input.parse(input).sessionId, {
        state: 'deleted',
        deletedAt: iso(Date.now()),
      }),
    'sessions.restore': () =>
      change(commands['sessions.restore'].input.parse(input).sessionId, { state: 'ended', deletedAt: null }),
    'sessions.setMode': () => {
      const { sessionId, modeId } = commands['sessions.setMode'].input.parse(input);
      const { modes } = known(sessionId);
      return change(sessionId, { modes: modes && { ...modes, current: modeId } });
    },
    'sessions.setOption': () => known(commands['sessions.setOption'].input.parse(input).sessionId),
    'sessions.cancel': () => known(commands['sessions.cancel'].input.parse(input).sessionId),
    'sessions.discover': () => ({
      stores: (['codex', 'claude', 'gemini', 'opencode'] as const).map((store, n) => ({
        ...{ store, state: n === 0 ? 'read' : 'off', sessions: n === 0 ? 3 : 0, leftOut: n === 0 ? 1 : 0 },
      })),
      notices: [],
    }),
    'sessions.readOwn': () => ({ stores: [] }),
  };
  return answers[name]?.();
}
