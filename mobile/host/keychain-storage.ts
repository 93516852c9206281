import { decodeHost, encodeHost } from './host-record.ts';
import type { HostStorage } from './host-record.ts';
import { assertHostId } from './key-types.ts';
import type { Keychain } from './native-keys.ts';

const INDEX = 'hosts';
const nameOf = (hostId: string): string => `host.${hostId}`;

/**
 * Paired hosts in the keychain: one item per host and one that lists them, because a keychain cannot be enumerated.
 * Writes wait for each other, so that two of them cannot lose a line of the list.
 */
export function createKeychainStorage(keychain: Keychain): HostStorage {
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = last.then(act, act);
    last = result.catch(() => undefined);
    return result;
  }

  async function ids(): Promise<string[]> {
    const text = await keychain.read(INDEX, false);
    return text === null || text === '' ? [] : text.split(' ');
  }

  return {
    async list() {
      const texts = await Promise.all((await ids()).map((hostId) => keychain.read(nameOf(hostId), false)));
      return texts.map(decodeHost).filter((host) => host !== undefined);
    },
    put: (host) =>
      inTurn(async () => {
        assertHostId(host.hostId);
        await keychain.write(nameOf(host.hostId), encodeHost(host), false);
        const known = await ids();
        if (!known.includes(host.hostId))
          await keychain.write(INDEX, [...known, host.hostId].join(' '), false);
      }),
    remove: (hostId) =>
      inTurn(async () => {
        assertHostId(hostId);
        const left = (await ids()).filter((known) => known !== hostId);
        await keychain.write(INDEX, left.join(' '), false);
        await keychain.remove(nameOf(hostId));
      }),
  };
}
