import { expect, test } from 'vitest';
import { toBase64Url, toHex, utf8 } from './bytes.ts';
import { initiate, respond } from './channel-handshake.ts';
import { generateDhKey } from './dh-key.ts';
import { createPipePair, type PipePair } from './fakes.ts';
import { sasCode } from './secure-channel.ts';
import {
  random,
  settle,
  hostKey,
  deviceKey,
  pairId,
  pairPsk,
  devicePsk,
  payload,
  createHost,
  pairing,
  outcome,
  ok,
} from '../../main/testing/channel/handshake-bench.ts';

const session = (pipes: PipePair) =>
  ({ ...pairing(pipes), mode: 'session', psk: devicePsk, payload: {} }) as const;

test('pairing gives both sides one channel, the same six digits and what the phone said', async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  const phone = ok(await outcome(initiate(pairing(pipes))));
  const { channel, hostPublicKey, ...opening } = ok(await responding);

  expect(opening).toEqual({ mode: 'pair', pairId, remoteStatic: deviceKey.publicKey, payload });
  expect(hostPublicKey).toEqual(hostKey.publicKey);
  expect(host.openings).toEqual([opening]);
  expect(toHex(phone.handshakeHash)).toBe(toHex(channel.handshakeHash));
  expect(sasCode(phone.handshakeHash)).toMatch(/^\d{6}$/);
  const received: string[] = [];
  phone.onMessage((message) => received.push(Buffer.from(message).toString()));
  channel.onMessage((message) => {
    channel.send(message);
  });
  phone.send(utf8('echo'));
  await settle();
  expect(received).toEqual(['echo']);
  expect(host.time.pending()).toEqual([]);
});

test('a phone that knows an older key of the host gets in under that one, and the host is told which it was', async () => {
  const pipes = createPipePair();
  const newer = generateDhKey(random);
  const host = createHost(pipes, { hostKey: newer, olderHostKeys: [generateDhKey(random), hostKey] });
  const responding = outcome(respond(host.options), host.time);
  const phone = ok(await outcome(initiate(pairing(pipes))));
  const { channel, hostPublicKey } = ok(await responding);
  expect(hostPublicKey).toEqual(hostKey.publicKey);
  expect(toHex(phone.handshakeHash)).toBe(toHex(channel.handshakeHash));
});

test('a paired device opens a session with its own key', async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  ok(await outcome(initiate(session(pipes))));
  expect(ok(await responding)).toMatchObject({ mode: 'session', payload: {} });
});

test('nothing readable passes the wire, and the first two messages have one size', async () => {
  const sizes = new Set<string>();
  for (const options of [pairing, session]) {
    const pipes = createPipePair();
    const host = createHost(pipes);
    const responding = outcome(respond(host.options), host.time);
    const phone = ok(await outcome(initiate(options(pipes))));
    phone.send(utf8('MARKER in a message'));
    ok(await responding);
    const frames = [...pipes.left.sent, ...pipes.right.sent];
    const all = Buffer.concat(frames);
    for (const secret of [
      'MARKER',
      payload.approvalKey,
      pairId,
      deviceKey.publicKey,
      hostKey.publicKey,
      pairPsk,
    ]) {
      expect(all.includes(typeof secret === 'string' ? secret : Buffer.from(secret))).toBe(false);
    }
    sizes.add(
      frames
        .slice(0, 2)
        .map(({ length }) => length)
        .join(),
    );
    expect(Buffer.from(pipes.left.sent[0] ?? []).toString('latin1')).toBe('SBE2\x01\x01');
  }
  expect([...sizes]).toEqual(['6,57']);
});

test('onVerified runs before any other code can, and its channel comes after', async () => {
  const pipes = createPipePair();
  const log: string[] = [];
  const host = createHost(pipes, {
    lookup: () => {
      // queued behind the microtasks of this lookup, so it runs as soon as the handshake yields once more
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => log.push('other work'));
      return pairPsk;
    },
    onVerified: () => {
      log.push('burnt');
      void Promise.resolve().then(() => log.push('first microtask after'));
    },
  });
  const responding = respond(host.options).then(() => log.push('resolved'));
  await outcome(initiate(pairing(pipes)));
  await responding;
  expect(log.indexOf('burnt')).toBeLessThan(log.indexOf('first microtask after'));
  expect(log.indexOf('burnt')).toBeLessThan(log.indexOf('resolved'));
});

test('messages sent on the heels of message 3 wait for the host, a flood does not', async () => {
  for (const [size, accepted] of [[100_000, true] as const, [2_000_000, false] as const]) {
    const pipes = createPipePair();
    let answer: (psk: Uint8Array) => void = () => undefined;
    const host = createHost(pipes, {
      lookup: () => new Promise<Uint8Array>((resolve) => (answer = resolve)),
    });
    const responding = outcome(respond(host.options), host.time);
    const phone = ok(await outcome(initiate(pairing(pipes))));
    phone.send(new Uint8Array(size));
    await settle();
    answer(pairPsk);
    const result = await responding;
    expect(result.ok).toBe(accepted);
    if (!result.ok) continue;
    const sizes: number[] = [];
    result.value.channel.onMessage((message) => sizes.push(message.length));
    await settle();
    expect(sizes).toEqual([size]);
  }
});

test('an approval key may also come as SPKI', async () => {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  for (const format of ['spki', 'raw'] as const) {
    const approvalKey = toBase64Url(new Uint8Array(await subtle.exportKey(format, pair.publicKey)));
    const pipes = createPipePair();
    const host = createHost(pipes);
    const responding = outcome(respond(host.options), host.time);
    ok(await outcome(initiate({ ...pairing(pipes), payload: { ...payload, approvalKey } })));
    expect(ok(await responding)).toMatchObject({ payload: { approvalKey } });
  }
});

test('our own mistakes are told before anything is sent, and the pipe is closed', async () => {
  const mistakes: readonly ((pipes: PipePair) => Promise<unknown>)[] = [
    (pipes) => initiate({ ...pairing(pipes), random: (length) => new Uint8Array(length) }),
    (pipes) => initiate({ ...pairing(pipes), random: (length) => new Uint8Array(length).fill(7) }),
    (pipes) => {
      let draws = 0;
      const dries = (length: number) => new Uint8Array(length).fill(draws++ === 0 ? 7 : 0);
      return initiate({ ...pairing(pipes), random: dries });
    },
    (pipes) => initiate({ ...pairing(pipes), hostPublicKey: new Uint8Array(5) }),
    (pipes) => initiate({ ...pairing(pipes), pairId: new Uint8Array(7) }),
    (pipes) => initiate({ ...pairing(pipes), payload: { ...payload, deviceName: 'a\u0000' } }),
  ];
  for (const mistake of mistakes) {
    const pipes = createPipePair();
    expect(await outcome(mistake(pipes))).toMatchObject({ ok: false, error: { code: 'misuse' } });
    await settle();
    expect([pipes.left.sent, pipes.right.endCode()]).toEqual([[], 4400]);
  }
  const pipes = createPipePair();
  const host = createHost(pipes, { random: (length) => new Uint8Array(length) });
  expect(await outcome(respond(host.options), host.time)).toMatchObject({
    ok: false,
    error: { code: 'misuse' },
  });
});
