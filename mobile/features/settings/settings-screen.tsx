import Constants from 'expo-constants';
import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useConnection, useHosts } from '../../host/connection.tsx';
import type { HostView } from '../../host/views.ts';
import { t } from '../../texts/t.ts';
import { buttonRow } from '../../ui/button-row.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import { LinkBadge } from '../hosts/link-badge.tsx';
import { cameThroughTunnel } from '../pairing/page-origin';
import { Banner } from '../../ui/banner.tsx';

function HostEntry({ host, onRemove }: { host: HostView; onRemove: () => void }) {
  const [asking, setAsking] = useState(false);
  const scopes = host.scopes.map((scope) => t.settings.scopes[scope]).join(', ');
  return (
    <View style={{ gap: spacing.sm }}>
      <Words size="bodyStrong">{host.name}</Words>
      <LinkBadge link={host.link} />
      <Words size="caption">{`${t.settings.scope} ${scopes}`}</Words>
      {asking ? (
        <>
          <Words>{t.settings.removeQuestion(host.name)}</Words>
          <View style={buttonRow}>
            <Button
              label={t.common.cancel}
              onPress={() => {
                setAsking(false);
              }}
            />
            <Button kind="danger" label={t.settings.removeConfirm} onPress={onRemove} />
          </View>
        </>
      ) : (
        <Button
          label={t.settings.remove(host.name)}
          onPress={() => {
            setAsking(true);
          }}
        />
      )}
    </View>
  );
}

export function SettingsScreen() {
  const router = useRouter();
  const connection = useConnection();
  const hosts = useHosts() ?? [];
  return (
    <Screen>
      {cameThroughTunnel() && <Banner icon="alert" tone="warning" text={t.pair.throughTunnel} />}
      <Card title={t.settings.hosts}>
        {hosts.length === 0 && <Words>{t.noHost.title}</Words>}
        {hosts.map((host) => (
          <HostEntry key={host.id} host={host} onRemove={() => void connection?.forget(host.id)} />
        ))}
        <Button
          kind={hosts.length === 0 ? 'primary' : 'plain'}
          icon="plus"
          label={hosts.length === 0 ? t.noHost.action : t.settings.pairAnother}
          onPress={() => {
            router.push('/pair');
          }}
        />
      </Card>
      <Card title={t.settings.about}>
        <Words>{t.settings.version(Constants.expoConfig?.version ?? '')}</Words>
      </Card>
    </Screen>
  );
}
