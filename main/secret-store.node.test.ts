import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSecretStore } from './secret-store.node.ts';
import { temporaryFolder } from './testing/temporary.ts';

test('keys in files are private, and there again after a restart', async () => {
  const folder = join(temporaryFolder(), 'secrets');
  await createSecretStore(folder, 'file').set('host-key', Uint8Array.of(1, 2, 3));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(await createSecretStore(folder, 'file').get('host-key')).toEqual(Buffer.from([1, 2, 3]));
  expect(await createSecretStore(folder, 'file').get('other')).toBeNull();
});

test('keys that were in the keyring are never silently made anew elsewhere', async () => {
  const folder = join(temporaryFolder(), 'secrets');
  await createSecretStore(folder, 'file').get('x');
  writeFileSync(join(folder, 'store'), 'keyring\n');
  const bus = process.env['DBUS_SESSION_BUS_ADDRESS'];
  delete process.env['DBUS_SESSION_BUS_ADDRESS'];
  try {
    await expect(createSecretStore(folder, 'auto').get('host-key')).rejects.toThrow('keyring');
  } finally {
    if (bus !== undefined) process.env['DBUS_SESSION_BUS_ADDRESS'] = bus;
  }
});
