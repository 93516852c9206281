import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TunnelDriver, TunnelStatus } from '../../../contract/tunnels.ts';
import { useHost, useHostState } from '../../host/use-host.tsx';
import { Principal } from '../../host/principal.tsx';
import { goTo } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { countdown, when } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { tunnelMark } from '../../ui/marks.ts';
import { ActionButton, Card, CopyLine, Empty, Facts, Page } from '../../ui/parts.tsx';
import { QrCode } from '../../ui/qr-code.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';

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

const LIMITS = ['3600000', '14400000', '28800000', '86400000', ''] as const;
const DRIVERS: readonly TunnelDriver[] = ['quick', 'named', 'config'];

function OpenTunnel({ onClose }: { onClose: () => void }) {
  const [driver, setDriver] = useState<TunnelDriver>('quick');
  const [limit, setLimit] = useState<(typeof LIMITS)[number]>('28800000');
  const [hostname, setHostname] = useState('');
  const [file, setFile] = useState('');
  const { actions } = useHost();
  const incomplete =
    (driver === 'named' && (hostname.trim() === '' || file.trim() === '')) ||
    (driver === 'config' && file.trim() === '');
  function open(): void {
    const input = {
      driver,
      forMs: limit === '' ? null : Number(limit),
      ...(driver === 'named' && { hostname: hostname.trim(), tokenFile: file.trim() }),
      ...(driver === 'config' && {
        configFile: file.trim(),
        ...(hostname.trim() !== '' && { hostname: hostname.trim() }),
      }),
    };
    onClose();
    void actions.run('tunnel.open', 'tunnels.open', input, { what: t.open });
  }
  return (
    <Dialog title={t.openTitle} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!incomplete) open();
        }}
      >
        <p>{t.openMeans}</p>
        <NativeSelect
          label={t.driver}
          description={t.drivers[driver].means}
          value={driver}
          onChange={(event) =>
            setDriver(DRIVERS.find((known) => known === event.currentTarget.value) ?? 'quick')
          }
          data={DRIVERS.map((value) => ({ value, label: t.drivers[value].name }))}
        />
        {driver !== 'quick' && (
          <>
            <TextInput
              label={t.hostname}
              required={driver === 'named'}
              value={hostname}
              onChange={(event) => setHostname(event.currentTarget.value)}
            />
            <TextInput
              label={driver === 'named' ? t.tokenFile : t.configFile}
              required
              value={file}
              onChange={(event) => setFile(event.currentTarget.value)}
            />
          </>
        )}
        <NativeSelect
          label={t.limit}
          value={limit}
          onChange={(event) =>
            setLimit(LIMITS.find((known) => known === event.currentTarget.value) ?? '28800000')
          }
          data={LIMITS.map((value) => ({ value, label: t.limits[value] }))}
        />
        <div className="buttons">
          <ActionButton action="tunnel.cancel" onClick={onClose}>
            {en.common.cancel}
          </ActionButton>
          <span className="spacer" />
          <ActionButton
            action="tunnel.open"
            color="danger"
            variant="filled"
            disabled={incomplete}
            onClick={open}
          >
            {t.open}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}
