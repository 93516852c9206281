// For tests: one screen with hosts, and a connection that the test answers for.
import { act, renderRouter } from 'expo-router/testing-library';
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

function found(sessions: readonly SessionView[], id: string): SessionAnswer {
  const session = sessions.find((one) => one.id === id);
  return session ? { kind: 'ready', session } : { kind: 'failed', why: 'There is no such session.' };
}

/** Where the screen that was shown last has led to. */
export let shownPath = (): string => '';

/** Shows a screen; the test answers actions through `answer`. `asked`: what else was asked of the connection. */
export async function show(Shown: () => React.JSX.Element, hosts: readonly HostView[], given: Given = {}) {
  const { content = harmless, farewells = [], proposals = { kind: 'ready', proposals: [] } } = given;
  const { timeline = oneTool, diff = noChanges, sessions = [] } = given;
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
