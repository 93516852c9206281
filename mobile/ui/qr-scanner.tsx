import './barcode-detector';
import { CameraView, useCameraPermissions } from 'expo-camera';
import { useRef } from 'react';
import { View } from 'react-native';
import { radii, spacing } from '../../contract/design/tokens.ts';
import { t } from '../texts/t.ts';
import { Button } from './button.tsx';
import { Card } from './card.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** The camera, once allowed; asks only after a press. Reports each text once, not thirty times a second. */
export function QrScanner({ onText }: { onText: (text: string) => void }) {
  const { palette } = useTheme();
  const [permission, ask] = useCameraPermissions();
  const last = useRef('');
  if (!permission?.granted) {
    const denied = permission?.granted === false && !permission.canAskAgain;
    return (
      <Card>
        <Words colour={palette.textMuted}>{denied ? t.pair.cameraDenied : t.pair.cameraWhy}</Words>
        {!denied && (
          <Button icon="camera" kind="primary" label={t.pair.allowCamera} onPress={() => void ask()} />
        )}
      </Card>
    );
  }
  return (
    <View
      accessibilityLabel={t.pair.scanner}
      style={{
        aspectRatio: 1,
        maxHeight: 360,
        alignSelf: 'stretch',
        borderRadius: radii.lg,
        overflow: 'hidden',
        marginBottom: spacing.xs,
      }}
    >
      <CameraView
        style={{ flex: 1 }}
        facing="back"
        barcodeScannerSettings={{ barcodeTypes: ['qr'] }}
        onBarcodeScanned={({ data }) => {
          if (data === last.current) return;
          last.current = data;
          onText(data);
        }}
      />
    </View>
  );
}
