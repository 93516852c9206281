import { View } from 'react-native';
import type { ReactNode } from 'react';
import { spacing } from '../../../contract/design/tokens.ts';
import { useHosts } from '../../host/connection.tsx';
import { useAction } from '../../host/use-action.ts';
import type { ApprovalView, HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Code, visible } from '../../ui/code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { DiffView } from '../../ui/diff-view.tsx';
import { EmptyState, LoadingState } from '../../ui/empty-state.tsx';
import { HoldButton } from '../../ui/hold-button.tsx';
import { Screen } from '../../ui/screen.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';
import { DeliveryNote } from '../hosts/delivery-note.tsx';
import { OfflineBanner } from '../hosts/link-badge.tsx';
import { RiskBadge } from '../inbox/risk-badge.tsx';

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <View style={{ gap: spacing.xs }}>
      <Words size="bodyStrong">{title}</Words>
      {children}
    </View>
  );
}

/** The action as it will run. What the agent claims about it stands apart and below. */
export function ActionDetails({ approval }: { approval: ApprovalView }) {
  return (
    <>
      <Card title={visible(approval.title)}>
        <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>
          <RiskBadge risk={approval.risk} />
          <Countdown until={approval.expiresAt} />
        </View>
        <Words size="caption">{t.inbox.from(approval.agent, approval.hostName)}</Words>
        {approval.argv && (
          <Part title={t.approval.command}>
            <Code lines={approval.argv} label={t.approval.command} />
          </Part>
        )}
        {approval.folder !== undefined && (
          <Part title={t.approval.folder}>
            <Code lines={[approval.folder]} label={t.approval.folder} />
          </Part>
        )}
        {approval.paths && (
          <Part title={t.approval.paths}>
            <Code lines={approval.paths} label={t.approval.paths} />
          </Part>
        )}
        {approval.network && (
          <Part title={t.approval.network}>
            {approval.network.length === 0 ? (
              <Words>{t.approval.noNetwork}</Words>
            ) : (
              <Code lines={approval.network} label={t.approval.network} />
            )}
          </Part>
        )}
        {approval.sandbox !== undefined && (
          <Part title={t.approval.sandbox}>
            <Words>{approval.sandbox}</Words>
          </Part>
        )}
        <Part title={t.approval.fingerprint}>
          <Code lines={[approval.fingerprint]} label={t.approval.fingerprint} />
        </Part>
      </Card>
      {approval.diff !== undefined && (
        <Card title={t.approval.diff}>
          <DiffView diff={approval.diff} />
        </Card>
      )}
      {approval.agentSays !== undefined && (
        <Card title={t.approval.agentSays}>
          <Words>{visible(approval.agentSays)}</Words>
        </Card>
      )}
    </>
  );
}

/** Allow and deny; a high or critical risk has to be held, so that it cannot happen in a pocket. */
export function DecisionBar(props: {
  approval: ApprovalView;
  enabled: boolean;
  onDecide: (decision: 'allow' | 'deny') => void;
}) {
  const expired = useNow(1000) >= props.approval.expiresAt;
  if (expired) return <Words>{t.approval.expired}</Words>;
  const risky = props.approval.risk === 'high' || props.approval.risk === 'critical';
  const allow = (): void => {
    props.onDecide('allow');
  };
  return (
    <View style={{ flexDirection: 'row', gap: spacing.md }}>
      <View style={{ flex: 1 }}>
        <Button
          icon="cross"
          label={t.approval.deny}
          disabled={!props.enabled}
          onPress={() => {
            props.onDecide('deny');
          }}
        />
      </View>
      <View style={{ flex: 1 }}>
        {risky ? (
          <HoldButton
            label={t.approval.holdToAllow}
            hint={t.approval.holdHint}
            disabled={!props.enabled}
            onHeld={allow}
          />
        ) : (
          <Button
            kind="primary"
            icon="check"
            label={t.approval.allow}
            disabled={!props.enabled}
            onPress={allow}
          />
        )}
      </View>
    </View>
  );
}

/** Finds an approval; ids are unique within a host only, so a link without a host must be unambiguous. */
export function findApproval(hosts: readonly HostView[], id: string, hostId: string | undefined) {
  const found = hosts
    .filter((host) => hostId === undefined || host.id === hostId)
    .flatMap((host) =>
      host.approvals.filter((item) => item.id === id).map((approval) => ({ host, approval })),
    );
  return found.length === 1 ? found[0] : undefined;
}

export function ApprovalScreen({ id, hostId }: { id: string; hostId: string | undefined }) {
  const hosts = useHosts();
  const { delivery, act, busy } = useAction();
  const found = hosts && findApproval(hosts, id, hostId);
  if (!found) {
    return (
      <Screen fixed banner={<DeliveryNote delivery={delivery} />}>
        {hosts ? <EmptyState icon="inbox" title={t.common.gone} /> : <LoadingState />}
      </Screen>
    );
  }
  const { host, approval } = found;
  const enabled = host.link.kind === 'online' && host.scopes.includes('approve') && !busy;
  return (
    <Screen
      banner={
        <>
          <OfflineBanner host={host} />
          <DeliveryNote delivery={delivery} />
        </>
      }
      footer={
        <DecisionBar
          approval={approval}
          enabled={enabled}
          onDecide={(decision) => {
            act({ kind: 'decide', hostId: host.id, approvalId: approval.id, decision });
          }}
        />
      }
    >
      <ActionDetails approval={approval} />
    </Screen>
  );
}
