import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import { importZones } from './import-zones.mjs';
import { zonesOf } from './zones.mjs';

function lint(filename: string, code: string): string[] {
  const linter = new Linter({ configType: 'flat', cwd: '/house' });
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { house: { rules: { zones: importZones } } },
        rules: { 'house/zones': ['error', { root: '/house', zones: zonesOf(['bridge', 'tunnels']) }] },
      },
    ],
    `/house/${filename}`,
  );
  return messages.map((message) => message.message);
}

test.each([
  ['contract/mirror.ts', '../main/host.ts'],
  ['main/kernel/router.ts', '../services/bridge/bridge.ts'],
  ['main/kernel/router.ts', '../guard/path-guard.ts'],
  ['main/guard/path-guard.ts', '../services/bridge/bridge.ts'],
  ['main/services/bridge/bridge.ts', '../tunnels/tunnels.ts'],
  ['main/services/bridge/bridge.ts', '../../host.ts'],
  ['main/services/bridge/bridge.ts', '../../electron/ports.electron.ts'],
  ['main/cli/main.ts', '../services/bridge/bridge.ts'],
  ['main/host.ts', './electron/main.ts'],
  ['preload/preload.ts', '../contract/commands.ts'],
  ['renderer/main.tsx', '../main/host.ts'],
  ['renderer/main.tsx', '../preload/api.ts'],
  ['mobile/app/index.tsx', '../../main/host.ts'],
])('%s may not import %s', (from, to) => {
  const file = from.replace('.tsx', '.ts');
  expect(lint(file, `import { x } from '${to}';`)).toHaveLength(1);
  expect(lint(file, `export * from '${to}';`)).toHaveLength(1);
  expect(lint(file, `export const x = import('${to}');`)).toHaveLength(1);
});

test.each([
  ['main/services/bridge/bridge.ts', './ports.ts'],
  ['main/services/bridge/bridge.ts', '../../guard/path-guard.ts'],
  ['main/services/bridge/bridge.ts', '../../../contract/bridge.ts'],
  ['main/host.ts', './services/bridge/bridge.ts'],
  ['main/cli/main.ts', '../headless.ts'],
  ['main/headless.ts', './host.ts'],
  ['renderer/main.ts', '../contract/client.ts'],
  ['preload/preload.ts', '../contract/command-names.ts'],
])('%s may import %s', (from, to) => {
  expect(lint(from, `import { x } from '${to}';`)).toEqual([]);
});

test('the message says what was imported and what to use instead', () => {
  const [message] = lint('main/services/bridge/bridge.ts', "import { x } from '../tunnels/tunnels.ts';");
  expect(message).toContain(
    'main/services/bridge/bridge.ts must not import main/services/tunnels/tunnels.ts',
  );
  expect(message).toContain('bridge/ports.ts');
});
