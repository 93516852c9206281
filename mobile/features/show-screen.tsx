// For tests: one screen with hosts, and a connection that the test answers for.
import { act, renderRouter } from 'expo-router/testing-library';
import { AppState } from 'react-native';
import { ConnectionProvider } from '../host/connection.tsx';
import type { HostConnection } from '../host/connection.tsx';
import type {
  ContentAnswer,
  Delivery,
  Farewell,
  HostAction,
  HostView,
  ProposalsAnswer,
} from '../host/views.ts';
import type { LogSourceAnswer, PredefinedAnswer, RunView } from '../host/predefined-views.ts';
import type {
  FiguresAnswer,
  LogFeed,
  LogQuery,
  LogSearchAnswer,
  LogView,
  LogWanted,
  PartOutputAnswer,
} from '../host/process-views.ts';
import type { DiffAnswer, SessionAnswer, SessionView, TimelineView } from '../host/task-views.ts';
import { start } from './sample-views.ts';

const harmless: ContentAnswer = {
  kind: 'ready',
  content: { diffs: [], notShown: [], agentSays: 'just a harmless check' },
};

export interface Given {
  readonly content?: ContentAnswer;
  readonly proposals?: ProposalsAnswer;
  readonly farewells?: readonly Farewell[];
  readonly timeline?: TimelineView;
  readonly diff?: DiffAnswer;
  /** Those that the host has beside its state. */
  readonly sessions?: readonly SessionView[];
  readonly predefined?: PredefinedAnswer;
  readonly run?: RunView;
  readonly source?: LogSourceAnswer;
  readonly figures?: FiguresAnswer;
  readonly printed?: () => PartOutputAnswer;
  readonly log?: LogView;
  readonly found?: (query: LogQuery) => LogSearchAnswer;
}

const oneTool: TimelineView = {
  ...{ state: 'ready', why: '', more: false, unreadable: 0 },
  items: [
    { id: 't1', at: start, kind: 'tool', title: 'npm test', state: 'completed', paths: [], output: '' },
  ],
};

const noChanges: DiffAnswer = {
  kind: 'ready',
  diff: { source: 'git', final: true, files: [], diff: '', redacted: false, truncated: false, note: '' },
};

const unmeasured: FiguresAnswer = { kind: 'ready', supported: false, of: new Map(), parts: [], ended: [] };
const nothingPrinted = (): PartOutputAnswer => ({ kind: 'ready', text: '', missing: 0 });
const emptyLog: LogView = {
  ...{ state: 'ready', why: '', lines: [], following: true, hasEarlier: false, newer: 0 },
};
const nothingPredefined: PredefinedAnswer = {
  ...{ kind: 'ready', actions: [], logSources: [], unusable: [], runs: [] },
};
const noRun: RunView = { state: 'loading', why: '', run: null, text: '', incomplete: false };
const emptySource: LogSourceAnswer = { kind: 'ready', text: '', truncated: false };
const nothingFound = (): LogSearchAnswer => ({ kind: 'ready', lines: [], next: null, more: false });

/** Answers with one view, and with another one when it is paused or followed. */
function logFeed(log: LogView, asked: string[], changed: (log: LogView) => void): LogFeed {
  const noted = (what: string) => () => void asked.push(what);
  changed(log);
  return {
    ...{ earlier: noted('earlier lines'), later: noted('later lines'), again: noted('log again') },
    pause() {
      asked.push('pause');
      changed({ ...log, following: false });
    },
    follow() {
      asked.push('follow');
      changed({ ...log, following: true, newer: 0 });
    },
    close: () => undefined,
  };
}

function found(sessions: readonly SessionView[], id: string): SessionAnswer {
  const session = sessions.find((one) => one.id === id);
  return session ? { kind: 'ready', session } : { kind: 'failed', why: 'There is no such session.' };
}

const openedAt = ({ line, name, streams }: LogWanted): string =>
  `${name} ${streams} ${String(line ?? 'end')}`;

/** Where the screen that was shown last has led to. */
export let shownPath = (): string => '';

/** Shows a screen; the test answers actions through `answer`. `asked`: what else was asked of the connection. */
export async function show(Shown: () => React.JSX.Element, hosts: readonly HostView[], given: Given = {}) {
  const { content = harmless, farewells = [], proposals = { kind: 'ready', proposals: [] } } = given;
  const { timeline = oneTool, diff = noChanges, sessions = [] } = given;
  const { predefined = nothingPredefined, run = noRun, source = emptySource } = given;
  const { figures = unmeasured, log = emptyLog, found: search = nothingFound } = given;
  const { printed = nothingPrinted } = given;
  const actions: HostAction[] = [];
  const asked: string[] = [];
  let keys = 0;
  let report: (delivery: Delivery) => void = () => undefined;
  const noted = (what: string) => (hostId: string) => {
    asked.push(`${what} ${hostId}`);
    return Promise.resolve();
  };
  const connection: HostConnection = {
    hosts: () => hosts,
    subscribe: () => () => undefined,
    act(action, tell) {
      actions.push(action);
      report = tell;
      return Promise.resolve();
    },
    newKey: () => `key-${String((keys += 1)).padStart(4, '0')}`,
    content: () => Promise.resolve(content),
    proposals: () => Promise.resolve(proposals),
    timeline(_hostId, _sessionId, changed) {
      changed(timeline);
      return { earlier: () => asked.push('earlier'), again: () => undefined, close: () => undefined };
    },
    diff: () => Promise.resolve(diff),
    session: (_hostId, id) => Promise.resolve(found(sessions, id)),
    sessions: () => Promise.resolve({ kind: 'ready', sessions, next: null, notices: [] }),
    predefined: () => Promise.resolve(predefined),
    logSource(_hostId, name, tail) {
      asked.push(`source ${name} ${String(tail)}`);
      return Promise.resolve(source);
    },
    actionRun(_hostId, runId, changed) {
      asked.push(`run ${runId}`);
      changed(run);
      return { again: () => asked.push('run again'), close: () => undefined };
    },
    figures: () => Promise.resolve(figures),
    partOutput(_hostId, id) {
      asked.push(`output ${id}`);
      return Promise.resolve(printed());
    },
    log(_hostId, wanted, changed) {
      asked.push(`log ${openedAt(wanted)}`);
      return logFeed(log, asked, changed);
    },
    searchLogs: (_hostId, query) => Promise.resolve(search(query)),
    forget: noted('forget'),
    acceptRollback: noted('accept'),
    acknowledgeAltered: noted('acknowledge'),
    farewells: () => farewells,
    dismissFarewell: noted('dismiss'),
    wake: () => undefined,
  };
  const page = (): React.JSX.Element => (
    <ConnectionProvider connection={connection}>
      <Shown />
    </ConnectionProvider>
  );
  // Somebody looks at the screen.
  Object.assign(AppState, { currentState: 'active' });
  const router = renderRouter({ index: page, '[...rest]': () => null }, { initialUrl: '/' });
  // Rows of a list are drawn after its first layout, and what they ask is answered after that.
  await act(async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  });
  shownPath = () => router.getPathname();
  const answer = (delivery: Delivery): void => {
    act(() => {
      report(delivery);
    });
  };
  return { actions, answer, asked };
}
