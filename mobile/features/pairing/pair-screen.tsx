import { useRouter } from 'expo-router';
import { useState } from 'react';
import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { t } from '../../texts/t.ts';
import { Banner } from '../../ui/banner.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { CheckCode } from '../../ui/check-code.tsx';
import { EmptyState, ErrorState, LoadingState } from '../../ui/empty-state.tsx';
import { Field } from '../../ui/field.tsx';
import { QrScanner } from '../../ui/qr-scanner.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Words } from '../../ui/words.tsx';
import { cameThroughTunnel } from './page-origin';
import { defaultDeviceName, isDeviceName } from './device-name.ts';
import { usePairing } from './pairing-flow.tsx';
import { incomingLink, mayBePairingLink } from './pairing-link.ts';
import type { PairingState } from './pairing-state.ts';

/** Camera and field; hands over a text only when it may be a pairing link and the device has a name. */
function ScanStep({ onLink }: { onLink: (link: string, deviceName: string) => void }) {
  const [name, setName] = useState(defaultDeviceName);
  const [link, setLink] = useState(() => incomingLink.take() ?? '');
  const [tried, setTried] = useState(false);
  const tryLink = (text: string): void => {
    setTried(true);
    if (mayBePairingLink(text) && isDeviceName(name)) onLink(text, name.trim());
  };
  return (
    <>
      {cameThroughTunnel() && <Banner icon="alert" tone="warning" text={t.pair.throughTunnel} />}
      <Words>{t.pair.scan}</Words>
      <QrScanner
        onText={(text) => {
          // Other codes in view are no mistake of the person: nothing is said about them.
          if (mayBePairingLink(text)) tryLink(text);
        }}
      />
      <Card>
        <Field
          label={t.pair.deviceName}
          value={name}
          onChange={setName}
          maxLength={64}
          {...(!isDeviceName(name) && { error: t.pair.badName })}
        />
        <Field
          label={t.pair.paste}
          placeholder={t.pair.pastePlaceholder}
          value={link}
          onChange={(text) => {
            setTried(false);
            setLink(text);
          }}
          maxLength={600}
          literal
          {...(tried && !mayBePairingLink(link.trim()) && { error: t.pair.badLink })}
        />
        <Button
          icon="link"
          label={t.pair.useLink}
          onPress={() => {
            tryLink(link.trim());
          }}
        />
      </Card>
    </>
  );
}

function CheckStep({
  state,
  onSame,
  onCancel,
}: {
  state: PairingState & { kind: 'checking' };
  onSame: () => void;
  onCancel: () => void;
}) {
  return (
    <View style={{ flex: 1, justifyContent: 'center', gap: spacing.xl }}>
      <Words size="title" heading align="center">
        {t.pair.question(state.hostName ?? t.pair.unnamedHost)}
      </Words>
      <View style={{ gap: spacing.xs }}>
        <Words align="center">{t.pair.check}</Words>
        <CheckCode code={state.checkCode} />
      </View>
      <Words align="center">{t.pair.same}</Words>
      <View style={{ gap: spacing.md }}>
        <Button kind="primary" icon="check" label={t.pair.confirm} onPress={onSame} />
        <Button icon="cross" label={t.common.cancel} onPress={onCancel} />
      </View>
    </View>
  );
}

function WaitStep({ state, onCancel }: { state: PairingState & { kind: 'waiting' }; onCancel: () => void }) {
  return (
    <View style={{ flex: 1, justifyContent: 'center', gap: spacing.lg }}>
      <LoadingState text={t.pair.waiting(state.hostName ?? t.pair.unnamedHost)} />
      <CheckCode code={state.checkCode} />
      <Words align="center">{t.pair.waitingHint}</Words>
      <Button label={t.common.cancel} onPress={onCancel} />
    </View>
  );
}

/** Scan, compare, wait for the host, done. */
export function PairScreen() {
  const router = useRouter();
  const { state, begin, confirm, reject, restart } = usePairing();
  const open = (): void => {
    // Back to the tabs below, not onto a second copy of them.
    router.dismissTo('/');
  };
  return (
    <Screen>
      {state.kind === 'scanning' && <ScanStep onLink={begin} />}
      {state.kind === 'connecting' && <LoadingState text={t.pair.connecting} />}
      {state.kind === 'checking' && <CheckStep state={state} onSame={confirm} onCancel={reject} />}
      {state.kind === 'waiting' && <WaitStep state={state} onCancel={restart} />}
      {state.kind === 'paired' && (
        <EmptyState
          icon="check"
          title={t.pair.done(state.hostName)}
          text={t.pair.doneHint}
          action={{ label: t.pair.finish, onPress: open }}
        />
      )}
      {state.kind === 'failed' && (
        <ErrorState
          text={t.pair.failures[state.reason]}
          action={{ label: t.common.retry, onPress: restart }}
        />
      )}
    </Screen>
  );
}
