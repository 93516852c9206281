/** @jest-environment node */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

interface Introspected {
  readonly scheme: string;
  readonly android: { readonly allowBackup: boolean };
  readonly _internal: {
    readonly modResults: {
      readonly ios: { readonly infoPlist: Readonly<Record<string, unknown>> };
      readonly android: {
        readonly manifest: {
          readonly manifest: {
            readonly 'uses-permission': readonly { readonly $: Readonly<Record<string, string>> }[];
          };
        };
      };
    };
  };
}

/** What the native projects would get, after every plugin has had its say. */
function introspect(): Introspected {
  const cli = path.join(__dirname, 'node_modules', 'expo', 'bin', 'cli');
  const text = execFileSync(process.execPath, [cli, 'config', '--type', 'introspect', '--json'], {
    cwd: __dirname,
    encoding: 'utf8',
    env: { ...process.env, EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', CI: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  return JSON.parse(text) as Introspected;
}

const config = introspect();

test('Android asks for these permissions and no others', () => {
  const wanted = config._internal.modResults.android.manifest.manifest['uses-permission']
    .filter((permission) => permission.$['tools:node'] !== 'remove')
    .map((permission) => permission.$['android:name']?.replace('android.permission.', ''));
  expect(wanted.sort()).toEqual(['CAMERA', 'INTERNET', 'VIBRATE']);
});

test('iOS asks with a reason for the camera, Face ID and the local network, and for nothing else', () => {
  const plist = config._internal.modResults.ios.infoPlist;
  const reasons = Object.keys(plist).filter((key) => key.endsWith('UsageDescription'));
  expect(reasons.sort()).toEqual([
    ...['NSCameraUsageDescription', 'NSFaceIDUsageDescription', 'NSLocalNetworkUsageDescription'],
  ]);
  expect(plist.NSAppTransportSecurity).toEqual({ NSAllowsLocalNetworking: true });
});

test('nothing of the app goes into a backup, and links open it', () => {
  expect(config.android.allowBackup).toBe(false);
  expect(config.scheme).toBe('signalbox');
});
