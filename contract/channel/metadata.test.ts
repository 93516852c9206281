import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromUtf8, toBase64Url, utf8 } from './bytes.ts';
import { initiate, respond } from './channel-handshake.ts';
import { generateDhKey } from './dh-key.ts';
import { createFakeSchedule, createPipePair } from './fakes.ts';
import { FRAME_SIZES } from './frame-codec.ts';
import type { SecureChannel } from './secure-channel.ts';

const SESSIONS = process.env['SIGNALBOX_LONG'] === '1' ? 1000 : 100;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const hostKey = generateDhKey(random);
const { schedule } = createFakeSchedule();
const marker = (index: number): string => `marker-${String(index).padStart(4, '0')}-of-this-test`;

interface Recorded {
  readonly handshake: readonly Uint8Array[];
  readonly transport: readonly Uint8Array[];
  readonly phone: SecureChannel;
  readonly host: SecureChannel;
}

/** One session, with everything that whoever carries the bytes gets to see of it. */
async function recorded(
  mode: 'pair' | 'session',
  name: string,
  messages: readonly string[],
): Promise<Recorded> {
  const frames: Uint8Array[] = [];
  const pipes = createPipePair((frame) => {
    frames.push(frame.slice());
    return [frame];
  });
  const psk = random(32);
  const common = { random, schedule };
  const responding = respond({
    ...common,
    pipe: pipes.right,
    hostKey,
    lookup: () => psk,
    onVerified: () => undefined,
  });
  const opened = {
    ...common,
    pipe: pipes.left,
    deviceKey: generateDhKey(random),
    hostPublicKey: hostKey.publicKey,
    psk,
  };
  const phone = await (mode === 'pair'
    ? initiate({
        ...opened,
        mode,
        pairId: random(8),
        payload: {
          deviceName: name,
          platform: 'ios',
          app: name,
          approvalKey: toBase64Url(Uint8Array.from([4, ...random(64)])),
        },
      })
    : initiate({ ...opened, mode, payload: {} }));
  const { channel: host } = await responding;
  const handshake = frames.splice(0);
  const arrived: string[] = [];
  const all = new Promise<void>((resolve) => {
    host.onMessage((bytes) => {
      arrived.push(fromUtf8(bytes));
      if (arrived.length === messages.length) resolve();
    });
  });
  for (const message of messages) phone.send(utf8(message));
  await all;
  expect(arrived).toEqual(messages);
  return { handshake, transport: frames, phone, host };
}

test('whoever carries the bytes finds no word of what was said, and frames of five sizes only', async () => {
  const sizes = new Set<number>();
  let found = 0;
  let bytes = 0;
  for (let index = 0; index < SESSIONS; index += 1) {
    const text = marker(index).repeat(1 + (index % 40) * 50);
    const { handshake, transport } = await recorded(index % 2 === 0 ? 'pair' : 'session', marker(index), [
      text,
    ]);
    const seen = Buffer.concat([...handshake, ...transport]);
    const [plain, coded] = [
      Buffer.from(marker(index)),
      Buffer.from(marker(index)).toString('base64').slice(0, -4),
    ];
    if (seen.includes(plain) || seen.includes(coded)) found += 1;
    for (const frame of transport) sizes.add(frame.length);
    bytes += seen.length;
  }
  process.stdout.write(
    `metadata: ${SESSIONS} sessions, ${bytes} recorded bytes, ${found} markers found, sizes ${[...sizes].sort((a, b) => a - b).join(' ')}\n`,
  );
  expect(found).toBe(0);
  expect([...sizes].every((size) => FRAME_SIZES.includes(size))).toBe(true);
});

test('the handshake has the same lengths whatever the device is called', async () => {
  const lengths = async (mode: 'pair' | 'session', name: string) =>
    (await recorded(mode, name, ['x'])).handshake.map((frame) => frame.length);
  expect(await lengths('pair', 'P')).toEqual(await lengths('pair', '电'.repeat(64)));
  expect(await lengths('session', 'P')).toEqual(await lengths('session', 'P'));
});

test('two sessions that say the same share no block of ciphertext', async () => {
  const blocks = new Set<string>();
  let total = 0;
  for (let session = 0; session < 4; session += 1) {
    const { transport } = await recorded('session', 'P', ['the same words '.repeat(500)]);
    for (const frame of transport) {
      for (let at = 0; at + 16 <= frame.length; at += 16) {
        blocks.add(Buffer.from(frame.subarray(at, at + 16)).toString('hex'));
        total += 1;
      }
    }
  }
  expect(blocks.size).toBe(total);
});
