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
import { start } from './sample-views.ts';

const harmless: ContentAnswer = {
  kind: 'ready',
  content: { diffs: [], notShown: [], agentSays: 'just a harmless check' },
};

export interface Given {
  readonly content?: ContentAnswer;
  readonly proposals?: ProposalsAnswer;
  readonly farewells?: readonly Farewell[];
}

/** Shows a screen; the test answers actions through `answer`. `asked`: what else was asked of the connection. */
export async function show(
  Shown: () => React.JSX.Element,
  hosts: readonly HostView[],
  { content = harmless, farewells = [], proposals = { kind: 'ready', proposals: [] } }: Given = {},
) {
  const actions: HostAction[] = [];
  const asked: string[] = [];
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
    content: () => Promise.resolve(content),
    proposals: () => Promise.resolve(proposals),
    follow(_hostId, _sessionId, changed) {
      changed([{ id: 't1', at: start, kind: 'tool', text: 'npm test' }]);
      return () => undefined;
    },
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
  renderRouter({ index: page, '[...rest]': page }, { initialUrl: '/' });
  await act(async () => Promise.resolve());
  const answer = (delivery: Delivery): void => {
    act(() => {
      report(delivery);
    });
  };
  return { actions, answer, asked };
}
