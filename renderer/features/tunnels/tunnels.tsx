import type { TunnelStatus } from '../../../contract/tunnels.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { countdown, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { tunnelMark } from '../../ui/marks.ts';
import { ActionButton, Card, CopyLine, Empty, Facts, Page } from '../../ui/parts.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { OpenTunnel } from './open-tunnel.tsx';

const t = en.tunnels;

export default function Tunnels({ item }: { item: string | null }) {
  const tunnel = useHostState((state) => state.tunnel);
  return (
    <Page title={en.screens.tunnels} lead={t.lead}>
      {item === '_open' && <OpenTunnel onClose={() => goTo('tunnels')} />}
      <Card title={t.title} actions={<TunnelButton tunnel={tunnel} />}>
        <StateMark mark={tunnelMark(tunnel.state)} filled />
        <TunnelBody tunnel={tunnel} />
      </Card>
    </Page>
  );
}

function TunnelButton({ tunnel }: { tunnel: TunnelStatus }) {
  const { actions } = useHost();
  if (tunnel.state === 'off' || tunnel.state === 'failed') {
    return (
      <ActionButton action="tunnel.form" variant="filled" onClick={() => goTo('tunnels', '_open')}>
        {t.open}
      </ActionButton>
    );
  }
  return (
    <ActionButton
      action="tunnel.close"
      color="danger"
      onClick={() => void actions.run('tunnel.close', 'tunnels.close', {}, { what: t.close, done: t.closed })}
    >
      {t.close}
    </ActionButton>
  );
}

function TunnelBody({ tunnel }: { tunnel: TunnelStatus }) {
  const now = useNow();
  if (tunnel.state === 'off') return <Empty icon="lock">{t.empty}</Empty>;
  if (tunnel.state === 'failed') {
    return (
      <div className="failure" role="alert">
        <Icon name="warning" />
        <p>
          <strong>{t.failed(t.drivers[tunnel.driver].name)}</strong> <SafeText text={tunnel.reason} />{' '}
          <span className="muted">{when(tunnel.failedAt, now)}</span>
          {/not found|ENOENT|no cloudflared|not installed/i.test(tunnel.reason) && (
            <span className="notice-detail">{t.install}</span>
          )}
        </p>
      </div>
    );
  }
  return (
    <div className="tunnel">
      <div className="stack">
        {'url' in tunnel ? (
          <CopyLine text={tunnel.url} what={t.address} />
        ) : (
          <p className="muted">{t.starting}</p>
        )}
        <Facts
          rows={[
            [t.driver, t.drivers[tunnel.driver].name],
            [
              t.closes,
              tunnel.closesAt === null ? t.untilClosed : countdown(Date.parse(tunnel.closesAt) - now),
            ],
            [t.openedBy, <Principal key="by" of={tunnel.openedBy} />],
            [t.openedAt, when(tunnel.openedAt, now)],
            [t.reachable, t.reachableWhat],
          ]}
        />
      </div>
      {'url' in tunnel && <QrCode text={tunnel.url} label={t.qr} testId="tunnel-qr" />}
    </div>
  );
}
