import type { ExpoConfig } from 'expo/config';

/**
 * What the stores and the two operating systems are told about the app. Permissions are an allow-list:
 * `app-config.test.ts` fails when a dependency brings in one that is not argued for here.
 */
const config: ExpoConfig = {
  name: 'Signalbox',
  slug: 'signalbox',
  version: '0.1.0',
  scheme: 'signalbox',
  orientation: 'default',
  userInterfaceStyle: 'automatic',
  icon: './assets/icon.png',
  platforms: ['ios', 'android', 'web'],
  runtimeVersion: { policy: 'appVersion' },
  updates: { enabled: false },
  ios: {
    bundleIdentifier: 'dev.signalbox.companion',
    supportsTablet: true,
    config: { usesNonExemptEncryption: true },
    infoPlist: {
      NSLocalNetworkUsageDescription:
        'Signalbox talks to your own computer when both are on the same network.',
      NSAppTransportSecurity: { NSAllowsLocalNetworking: true },
    },
  },
  android: {
    package: 'dev.signalbox.companion',
    allowBackup: false,
    predictiveBackGestureEnabled: false,
    adaptiveIcon: {
      backgroundColor: '#12161b',
      foregroundImage: './assets/icon-foreground.png',
      monochromeImage: './assets/icon-monochrome.png',
    },
    blockedPermissions: [
      'android.permission.RECORD_AUDIO',
      'android.permission.SYSTEM_ALERT_WINDOW',
      'android.permission.READ_EXTERNAL_STORAGE',
      'android.permission.WRITE_EXTERNAL_STORAGE',
    ],
  },
  web: { bundler: 'metro', output: 'single', favicon: './assets/favicon.png', name: 'Signalbox', lang: 'en' },
  plugins: [
    'expo-router',
    ['expo-secure-store', { faceIDPermission: 'Signalbox asks that it is you before it signs an answer.' }],
    'expo-localization',
    [
      'expo-splash-screen',
      { image: './assets/icon-foreground.png', imageWidth: 160, backgroundColor: '#12161b' },
    ],
    [
      'expo-camera',
      {
        cameraPermission: 'Signalbox uses the camera only to read the pairing code on your computer.',
        microphonePermission: false,
        recordAudioAndroid: false,
        barcodeScannerEnabled: true,
      },
    ],
  ],
  experiments: { typedRoutes: true },
};

export default config;
