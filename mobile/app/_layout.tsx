import { Stack, useRouter } from 'expo-router';
import { StatusBar } from 'expo-status-bar';
import { useEffect, useState } from 'react';
import { Platform } from 'react-native';
import { SafeAreaProvider } from 'react-native-safe-area-context';
import { ConnectionProvider } from '../host/connection.tsx';
import { createServices } from '../services.ts';
import { watchWake } from '../host/wake-signals';
import { PairingProvider } from '../features/pairing/pairing-flow.tsx';
import { t } from '../texts/t.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { ThemeProvider, useTheme } from '../ui/theme.tsx';

/** The web's own back button is smaller than a finger; iOS and Android bring theirs. */
function BackButton() {
  const router = useRouter();
  const back = (): void => {
    if (router.canGoBack()) router.back();
    else router.replace('/');
  };
  return <IconButton icon="back" label={t.common.back} onPress={back} />;
}

/** The tabs stand below a screen that a link opened, so that there is a way back. */
export const unstable_settings = { anchor: '(tabs)' };

function Routes() {
  const { palette, reducedMotion } = useTheme();
  return (
    <Stack
      screenOptions={{
        headerBackTitle: t.common.back,
        ...(Platform.OS === 'web' && { headerLeft: () => <BackButton /> }),
        headerTintColor: palette.accent,
        headerShadowVisible: false,
        headerStyle: { backgroundColor: palette.surface },
        headerTitleStyle: { color: palette.text },
        contentStyle: { backgroundColor: palette.background },
        animation: reducedMotion ? 'none' : 'default',
      }}
    >
      <Stack.Screen name="(tabs)" options={{ headerShown: false, title: t.tabs.inbox }} />
      <Stack.Screen name="pair" options={{ title: t.pair.title }} />
      <Stack.Screen name="approval/[id]" options={{ title: t.approval.title }} />
      <Stack.Screen name="task/[id]" options={{ title: t.tasks.title }} />
      <Stack.Screen name="session/[id]" options={{ title: t.session.title }} />
      <Stack.Screen name="continue/[id]" options={{ title: t.session.continueTitle }} />
      <Stack.Screen name="agent/[name]" options={{ title: t.agents.title }} />
      <Stack.Screen name="processes" options={{ title: t.processes.title }} />
      <Stack.Screen name="process/[name]" options={{ title: t.processes.one }} />
      <Stack.Screen name="log/[name]" options={{ title: t.logs.log }} />
      <Stack.Screen name="part/[id]" options={{ title: t.parts.output }} />
      <Stack.Screen name="log-search" options={{ title: t.logs.searchTitle }} />
      <Stack.Screen name="actions" options={{ title: t.predefined.title }} />
      <Stack.Screen name="run/[id]" options={{ title: t.predefined.runTitle }} />
      <Stack.Screen name="source/[name]" options={{ title: t.predefined.logTitle }} />
      <Stack.Screen name="settings" options={{ title: t.settings.title }} />
    </Stack>
  );
}

export default function RootLayout() {
  const [{ connection, startPairing }] = useState(createServices);
  useEffect(() => {
    void connection.start();
    const unwatch = watchWake(() => {
      connection.wake();
    });
    return () => {
      unwatch();
      connection.stop();
    };
  }, [connection]);
  return (
    <SafeAreaProvider>
      <ThemeProvider>
        <ConnectionProvider connection={connection}>
          <PairingProvider start={startPairing}>
            <Routes />
            <StatusBar style="auto" />
          </PairingProvider>
        </ConnectionProvider>
      </ThemeProvider>
    </SafeAreaProvider>
  );
}
