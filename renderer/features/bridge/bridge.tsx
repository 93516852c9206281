import { useHostState } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { when } from '../../ui/format.ts';
import { callMarks } from '../../ui/marks.ts';
import { Card, CopyLine, Empty, Page } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { BridgeModesCard } from './bridge-modes.tsx';
import { SelfTest } from './self-test.tsx';
import { NewToken } from './new-token.tsx';
import { Tokens } from './tokens.tsx';

const t = en.bridge;

export default function Bridge({ item }: { item: string | null }) {
  const address = useHostState((state) => state.listeners.mcp);
  return (
    <Page title={en.screens.bridge} lead={t.lead}>
      {item === '_token' && <NewToken onClose={() => goTo('bridge')} />}
      <div className="columns">
        <Card title={t.address}>
          {address === null ? (
            <Empty icon="bridge">{t.notListening}</Empty>
          ) : (
            <CopyLine text={address} what={t.address} />
          )}
          <p className="muted">{t.addressHint}</p>
          <SelfTest />
        </Card>
        <BridgeModesCard />
      </div>
      <Tokens kind="mcp" />
      <RecentCalls />
    </Page>
  );
}

function RecentCalls() {
  const calls = useHostState((state) => state.bridge.recentCalls);
  const now = useNow();
  return (
    <Card title={t.calls} flush={calls.length > 0}>
      {calls.length === 0 ? (
        <Empty icon="bridge">{t.noCalls}</Empty>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th>{t.outcome}</th>
              <th>{t.tool}</th>
              <th>{t.client}</th>
              <th>{t.detail}</th>
              <th>{t.took}</th>
              <th>{t.at}</th>
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <tr key={call.id}>
                <td>
                  <StateMark mark={{ ...callMarks[call.outcome], word: t.outcomes[call.outcome] }} />
                </td>
                <td>
                  <code>
                    <SafeText text={call.tool} />
                  </code>
                </td>
                <td>
                  <SafeText text={call.client} />
                </td>
                <td className="cell-clip">
                  <SafeText text={call.detail} />
                </td>
                <td className="numeric">{Math.round(call.durationMs)} ms</td>
                <td className="numeric">{when(call.calledAt, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}
