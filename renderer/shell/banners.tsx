import type { HostState } from '../../contract/host-state.ts';
import { useHost, useHostState, useHostView } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { when } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { ActionButton } from '../ui/parts.tsx';
import { SafeText } from '../ui/safe-text.tsx';
import { useNow } from '../ui/use-now.ts';

/** What concerns every screen, most pressing first: the link, the host's mode, alarms. */
export function Banners() {
  const known = useHostView((view) => view.known);
  return (
    <div className="banners">
      <LinkBanner />
      {known && <ModeBanner />}
      {known && <AlertBanners />}
    </div>
  );
}

function LinkBanner() {
  const link = useHostView((view) => view.link);
  const heardAt = useHostView((view) => view.heardAt);
  const { retry } = useHost();
  const now = useNow();
  if (link.kind === 'online' || (link.kind === 'connecting' && heardAt === null)) return null;
  const cause = link.kind === 'offline' && link.reason === 'lost' ? en.link.lost : en.link.unreachable;
  return (
    <div className="banner" data-tone="danger" role="alert">
      <Icon name="offline" />
      <p>
        <strong>{link.kind === 'connecting' ? en.link.connecting : cause}</strong>{' '}
        {heardAt === null ? en.link.nothingYet : en.link.asOf(when(heardAt, now))}
      </p>
      <button type="button" className="plain-button" onClick={retry}>
        {en.link.retry}
      </button>
    </div>
  );
}

function ModeBanner() {
  const mode = useHostState((state) => state.host.mode);
  const { actions } = useHost();
  if (mode === 'running') return null;
  return (
    <div className="banner" data-tone={mode === 'paused' ? 'warning' : 'danger'} role="status">
      <Icon name={mode === 'paused' ? 'pause' : 'lock'} />
      <p>{mode === 'paused' ? en.mode.paused : en.mode.lockedDown}</p>
      <ActionButton
        action="host.resume"
        onClick={() =>
          void actions.run('host.resume', 'host.resume', {}, { what: en.mode.resume, done: en.mode.resumed })
        }
      >
        {en.mode.resume}
      </ActionButton>
    </div>
  );
}

const tones = { info: 'info', warning: 'warning', alarm: 'danger' } as const;

function AlertBanners() {
  const alerts = useHostState((state) => state.alerts);
  const audit = useHostState((state) => state.audit.state);
  return (
    <>
      {audit === 'read-only' && (
        <div className="banner" data-tone="danger" role="alert">
          <Icon name="warning" />
          <p>{en.audit.readOnly}</p>
        </div>
      )}
      {alerts.slice(0, 3).map((alert) => (
        <AlertBanner key={alert.id} alert={alert} />
      ))}
    </>
  );
}

export function AlertBanner({ alert }: { alert: HostState['alerts'][number] }) {
  const { actions } = useHost();
  const now = useNow();
  return (
    <div
      className="banner"
      data-tone={tones[alert.severity]}
      role={alert.severity === 'alarm' ? 'alert' : 'status'}
    >
      <Icon name={alert.severity === 'info' ? 'info' : 'warning'} />
      <p>
        <strong>{en.alerts[alert.kind]}.</strong> <SafeText text={alert.message} />{' '}
        <span className="muted">{when(alert.raisedAt, now)}</span>
      </p>
      <ActionButton
        action={`alert.${alert.id}`}
        variant="subtle"
        onClick={() =>
          void actions.run(
            `alert.${alert.id}`,
            'host.dismissAlert',
            { alertId: alert.id },
            { what: en.alerts.dismiss },
          )
        }
      >
        {en.alerts.dismiss}
      </ActionButton>
    </div>
  );
}
