import { useRouter } from 'expo-router';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import type { Tone } from '../../../contract/design/tokens.ts';
import { useAction } from '../../host/use-action.ts';
import type { HostAction, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';
import { Words } from '../../ui/words.tsx';
import { ProcessCard } from '../processes/process-card.tsx';
import { DeliveryNote } from './delivery-note.tsx';
import { HostsGate } from './hosts-gate.tsx';
import { LinkBadge } from './link-badge.tsx';
import { RecordCard, RefusedCard, RenewalCard, RollbackCard } from './trust-cards.tsx';

type Act = (action: HostAction) => void;
interface Part {
  readonly host: HostView;
  readonly act: Act;
  /** This device may manage the host, and the host is there to hear it. */
  readonly mayManage: boolean;
  /** Whoever may approve may also shut things off. */
  readonly mayApprove: boolean;
}

function TunnelCard({ host, act, mayApprove }: Part) {
  const { tunnel } = host;
  const tone: Tone = tunnel.state === 'open' ? 'warning' : tunnel.state === 'failed' ? 'danger' : 'neutral';
  return (
    <Card title={t.host.tunnel}>
      <StatusBadge icon="link" word={t.host.tunnelState[tunnel.state]} tone={tone} />
      {tunnel.address !== undefined && (
        <Words size="code" selectable>
          {tunnel.address}
        </Words>
      )}
      {tunnel.closesAt !== undefined && <Countdown until={tunnel.closesAt} />}
      {mayApprove && tunnel.state !== 'off' && (
        <Button
          label={t.host.closeTunnel}
          onPress={() => {
            act({ kind: 'close-tunnel', hostId: host.id });
          }}
        />
      )}
    </Card>
  );
}

/** Whether agents work, and the two ways to stop them. */
function ModePart({ host, act, mayManage, mayApprove }: Part) {
  const locked = host.mode === 'locked-down' || host.link.kind === 'locked-down';
  if (locked) return <Words>{t.host.lockedDownHint}</Words>;
  return (
    <>
      {host.mode === 'paused' && <Words>{t.host.pausedHint}</Words>}
      {mayManage && host.mode === 'running' && (
        <>
          <Button
            icon="pause"
            label={t.host.pause}
            onPress={() => {
              act({ kind: 'pause', hostId: host.id });
            }}
          />
          <Words size="caption">{t.host.pauseHint}</Words>
        </>
      )}
      {mayApprove && (
        <>
          <HoldButton
            label={t.host.lockDown}
            hint={t.host.lockDownHint}
            confirm={{ label: t.host.lockDownConfirm, text: t.host.lockDownOr }}
            onHeld={() => {
              act({ kind: 'lock-down', hostId: host.id });
            }}
          />
          <Words size="caption">{t.host.lockDownHint}</Words>
        </>
      )}
    </>
  );
}

function HostPart(part: Part) {
  const router = useRouter();
  const { host } = part;
  return (
    <View style={{ gap: spacing.md }}>
      <RefusedCard host={host} />
      <RenewalCard host={host} />
      <RollbackCard host={host} />
      <Card title={host.name}>
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>
          <LinkBadge link={host.link} />
          <StatusBadge
            icon="shield"
            word={`${t.host.bash}: ${t.host.bashMode[host.bashMode]}`}
            tone={host.bashMode === 'full' ? 'warning' : 'neutral'}
          />
        </View>
        {host.waiting > 0 && <Words>{t.host.waiting(host.waiting)}</Words>}
        <ModePart {...part} />
      </Card>
      <TunnelCard {...part} />
      <ProcessCard host={host} />
      <ListRow
        title={t.predefined.title}
        subtitle={t.predefined.lead}
        onPress={() => {
          router.push({ pathname: '/actions', params: { host: host.id } });
        }}
      />
      <RecordCard host={host} />
    </View>
  );
}

export function HostScreen() {
  const { delivery, act, busy } = useAction();
  return (
    <HostsGate>
      {(hosts) => (
        <>
          <DeliveryNote delivery={delivery} />
          {hosts.map((host) => {
            const ready = host.link.kind === 'online' && !busy;
            const mayManage = ready && host.scopes.includes('manage');
            const mayApprove = ready && host.scopes.includes('approve');
            return <HostPart key={host.id} {...{ host, act, mayManage, mayApprove }} />;
          })}
        </>
      )}
    </HostsGate>
  );
}
