import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../contract/errors.ts';
import { writeFileAtomic } from './kernel/atomic-file.ts';
import { makePrivate } from './kernel/home.ts';
import type { SecretStore } from './kernel/ports.ts';

const SERVICE = 'signalbox';
const ANSWER_MS = 3_000;

type Preference = 'auto' | 'keyring' | 'file';

/**
 * Keys of the host: in the keyring of the operating system where one answers, else in files of mode 0600. The choice
 * is made once and remembered beside them: a keyring that is locked today must not lead to new keys that no phone
 * knows. The tray app and the headless host of one home share the same store.
 * Nothing is opened until the first key is asked for.
 */
export function createSecretStore(folder: string, preference: Preference): SecretStore {
  const marker = join(folder, 'store');
  let chosen: Promise<SecretStore> | null = null;

  async function choose(): Promise<SecretStore> {
    makePrivate(folder);
    const before = existsSync(marker) ? readFileSync(marker, 'utf8').trim() : null;
    const files = fileStore(folder);
    if (before === 'file' || (before === null && preference === 'file')) return remember('file', files);
    const keyring = await openKeyring(folder);
    if (keyring) return remember('keyring', keyring);
    if (before === 'keyring' || preference === 'keyring') {
      throw new HostError(
        'unavailable',
        'the keys of this host are in the OS keyring, and it does not answer; unlock it',
      );
    }
    return remember('file', files);
  }

  function remember(kind: 'file' | 'keyring', store: SecretStore): SecretStore {
    if (!existsSync(marker)) writeFileAtomic(marker, `${kind}\n`);
    return store;
  }

  const store = () =>
    (chosen ??= choose().catch((error: unknown) => {
      chosen = null;
      throw error;
    }));
  return {
    get kind() {
      return existsSync(marker) && readFileSync(marker, 'utf8').trim() === 'keyring' ? 'keyring' : 'file';
    },
    get: async (name) => (await store()).get(name),
    set: async (name, value) => (await store()).set(name, value),
    delete: async (name) => (await store()).delete(name),
  };
}

function fileStore(folder: string): SecretStore {
  const fileOf = (name: string) => join(folder, `${name}.key`);
  return {
    kind: 'file',
    get: (name) => Promise.resolve(existsSync(fileOf(name)) ? readFileSync(fileOf(name)) : null),
    set: async (name, value) => writeFileAtomic(fileOf(name), value),
    delete: async (name) => rmSync(fileOf(name), { force: true }),
  };
}

/** The keyring, or null when there is none that can be written to and read from within three seconds. */
async function openKeyring(folder: string): Promise<SecretStore | null> {
  // Without a session bus there is no Secret Service; asking would only load a library for nothing.
  if (process.platform === 'linux' && !process.env['DBUS_SESSION_BUS_ADDRESS']) return null;
  const tag = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const { AsyncEntry } = await import('@napi-rs/keyring');
  const entry = (name: string) => new AsyncEntry(SERVICE, `${tag}/${name}`);
  const store: SecretStore = {
    kind: 'keyring',
    async get(name) {
      const value: string | null | undefined = await entry(name).getPassword();
      return typeof value !== 'string' ? null : Buffer.from(value, 'base64');
    },
    set: (name, value) => entry(name).setPassword(Buffer.from(value).toString('base64')),
    async delete(name) {
      await entry(name).deletePassword();
    },
  };
  const probe = async () => {
    await store.set('probe', Buffer.from('ok'));
    return (await store.get('probe'))?.toString() === 'ok';
  };
  const answered = await Promise.race([probe().catch(() => false), within(ANSWER_MS)]);
  return answered ? store : null;
}

function within(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
