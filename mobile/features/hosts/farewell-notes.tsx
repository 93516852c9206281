import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { useConnection, useFarewells } from '../../host/connection.tsx';
import { t } from '../../texts/t.ts';
import { visible } from '../../ui/code.tsx';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';

/** Hosts that removed this device: what they left here is gone, which is said until the person has taken note. */
export function FarewellNotes() {
  const connection = useConnection();
  return useFarewells().map(({ hostId, name }) => (
    <View key={hostId} accessibilityRole="alert">
      <Banner icon="cross" tone="danger" text={t.link.farewell(visible(name))} />
      <View style={{ paddingHorizontal: spacing.lg, paddingVertical: spacing.sm }}>
        <Button label={t.link.takenNote} onPress={() => void connection?.dismissFarewell(hostId)} />
      </View>
    </View>
  ));
}
