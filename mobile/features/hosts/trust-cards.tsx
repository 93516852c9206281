import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useConnection } from '../../host/connection.tsx';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { when } from '../../texts/time.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { CheckCode } from '../../ui/check-code.tsx';
import { Countdown } from '../../ui/countdown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { Words } from '../../ui/words.tsx';

/** The host turned this device away, or did not take it in again: the two ways on. */
export function RefusedCard({ host }: { host: HostView }) {
  const connection = useConnection();
  const { kind } = host.link;
  if (kind !== 'refused' && kind !== 'renewal-over') return null;
  const text = kind === 'refused' ? t.link.refusedBanner(host.name) : t.link.renewalOverBanner(host.name);
  return (
    <Card>
      <Words>{text}</Words>
      <Button
        kind="primary"
        label={t.host.knock}
        onPress={() => {
          connection?.wake();
        }}
      />
      <Button
        kind="danger"
        label={t.host.remove(host.name)}
        onPress={() => void connection?.forget(host.id)}
      />
    </Card>
  );
}

/** After a long absence: the code of this very channel, for the owner to compare. */
export function RenewalCard({ host: { link } }: { host: HostView }) {
  if (link.kind !== 'renewal') return null;
  return (
    <Card title={t.host.renewalTitle}>
      <View style={{ paddingVertical: spacing.md }}>
        <CheckCode code={link.checkCode} />
      </View>
      <Words>{t.host.renewalHint}</Words>
      <View style={{ flexDirection: 'row' }}>
        <Countdown until={link.until} />
      </View>
    </Card>
  );
}

/** The host was put back to an older state: nothing goes to it before the person has said that this was meant. */
export function RollbackCard({ host }: { host: HostView }) {
  const connection = useConnection();
  if (host.link.kind !== 'rolled-back') return null;
  return (
    <Card title={t.host.rolledBack}>
      <Words>{t.host.rolledBackHint}</Words>
      <Button
        kind="danger"
        label={t.host.rolledBackYes}
        onPress={() => void connection?.acceptRollback(host.id)}
      />
      <Button label={t.host.remove(host.name)} onPress={() => void connection?.forget(host.id)} />
    </Card>
  );
}

/** What this device has witnessed of the host's audit log. */
export function RecordCard({ host }: { host: HostView }) {
  const connection = useConnection();
  const now = useNow(30_000);
  const { witness } = host;
  if (witness.kind === 'none') {
    return (
      <Card title={t.host.record}>
        <Words>{t.host.recordNone}</Words>
      </Card>
    );
  }
  const seen = t.host.recordSeen(witness.size, when(t, witness.at, now));
  if (witness.kind === 'kept') {
    return (
      <Card title={t.host.record}>
        <Words>{seen}</Words>
      </Card>
    );
  }
  return (
    <Card title={t.host.record}>
      <Banner icon="alert" tone="danger" text={t.host.altered} />
      <Words>{t.host.alteredHow[witness.how]}</Words>
      <Words>{seen}</Words>
      <Words>{t.host.alteredHint}</Words>
      <Button
        kind="danger"
        label={t.host.acknowledge}
        onPress={() => void connection?.acknowledgeAltered(host.id)}
      />
    </Card>
  );
}
