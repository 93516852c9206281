import { randomBytes } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, equal, toBase64Url, toHex, utf8 } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { initiate, respond, type Claim, type Opening, type RespondOptions } from './channel-handshake.ts';
import { generateDhKey, memoryDhKey, type DhKey } from './dh-key.ts';
import { createFakeSchedule, createPipePair, type FakeSchedule, type PipePair, type Relay } from './fakes.ts';
import { decodeAnnouncement, type PairPayload } from './handshake-payloads.ts';
import { createHandshake } from './noise.ts';
import { derivePairing } from './pairing-text.ts';
import { sasCode, type ChannelEnd, type SecureChannel } from './secure-channel.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const hostKey = generateDhKey(random);
const deviceKey = generateDhKey(random);
const { pairId, pairPsk } = derivePairing({ hostPublicKey: hostKey.publicKey, secret: random(16) });
const devicePsk = random(32);

const payload: PairPayload = {
  deviceName: 'MARKER Phone of Ada 📱',
  platform: 'android',
  app: 'signalbox 0.1.0',
  approvalKey: toBase64Url(concat(Uint8Array.of(4), random(64))),
};

interface Host {
  readonly options: RespondOptions;
  readonly time: FakeSchedule;
  readonly openings: Opening[];
  readonly refusals: Claim[];
}

/** A host with one invitation and one paired device. */
function createHost(pipes: PipePair, change: Partial<RespondOptions> = {}): Host {
  const time = createFakeSchedule();
  const openings: Opening[] = [];
  const refusals: Claim[] = [];
  const options: RespondOptions = {
    pipe: pipes.right,
    hostKey,
    random,
    schedule: time.schedule,
    lookup: (claim) => {
      if (claim.mode === 'pair') return equal(claim.pairId, pairId) ? pairPsk : null;
      return equal(claim.remoteStatic, deviceKey.publicKey) ? devicePsk : null;
    },
    onVerified: (opening) => {
      openings.push(opening);
    },
    onRefused: (claim) => {
      refusals.push(claim);
    },
    ...change,
  };
  return { options, time, openings, refusals };
}

const pairing = (pipes: PipePair) =>
  ({
    pipe: pipes.left,
    random,
    schedule: createFakeSchedule().schedule,
    hostPublicKey: hostKey.publicKey,
    deviceKey,
    mode: 'pair',
    pairId,
    psk: pairPsk,
    payload,
  }) as const;

const session = (pipes: PipePair) =>
  ({ ...pairing(pipes), mode: 'session', psk: devicePsk, payload: {} }) as const;

type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ChannelError };

/** Waits for a handshake's result, moving the fake time on by up to half a second. */
async function outcome<T>(promise: Promise<T>, time?: FakeSchedule): Promise<Outcome<T>> {
  let result: Outcome<T> | undefined;
  promise.then(
    (value) => (result = { ok: true, value }),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error;
      result = { ok: false, error };
    },
  );
  for (let turn = 0; turn < 50; turn++) {
    await settle();
    if (result !== undefined) return result;
    time?.advance(10);
  }
  throw new Error('the handshake hangs');
}

function ok<T>(result: Outcome<T>): T {
  if (result.ok) return result.value;
  throw result.error;
}

const endsOf = (channel: SecureChannel): ChannelEnd[] => {
  const ends: ChannelEnd[] = [];
  channel.onClose((end) => ends.push(end));
  return ends;
};

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

/** Runs a pairing that the host must refuse; gives what each side saw. */
async function refused(
  change: Partial<RespondOptions>,
  phoneChange: { psk?: Uint8Array; pairId?: Uint8Array } = {},
) {
  const pipes = createPipePair();
  let draws = 0;
  const host = createHost(pipes, {
    ...change,
    random: (length) => {
      draws += 1;
      return random(length);
    },
  });
  const responding = outcome(respond(host.options), host.time);
  const phone = ok(await outcome(initiate({ ...pairing(pipes), ...phoneChange })));
  const ends = endsOf(phone);
  const answer = await responding;
  await settle();
  return {
    host,
    answer,
    ends,
    draws,
    code: pipes.left.endCode(),
    sent: pipes.right.sent.map(({ length }) => length),
  };
}

test('an unknown claim, a wrong key and a refusal by the owner look the same from outside', async () => {
  const wrongKey = await refused({}, { psk: random(32) });
  const unknown = await refused({}, { pairId: random(8) });
  const forbidden = await refused({
    onVerified: () => {
      throw new Error('already used');
    },
  });
  const lookupFailed = await refused({
    lookup: () => {
      throw new Error('no database');
    },
  });
  // whoever is unknown must not be let in with a key that is easy to guess either
  const unknownWithZeros = await refused({}, { pairId: random(8), psk: new Uint8Array(32) });
  const all = [wrongKey, unknown, unknownWithZeros, forbidden, lookupFailed];
  for (const { answer, ends, code, sent, draws } of all) {
    expect(answer).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect([ends.map(({ reason }) => reason), code, sent, draws]).toEqual([
      ['lost'],
      4400,
      [49],
      wrongKey.draws,
    ]);
  }
  expect(wrongKey.host.openings).toEqual([]);
  expect(wrongKey.host.refusals).toMatchObject([{ mode: 'pair', pairId, remoteStatic: deviceKey.publicKey }]);
  expect(unknown.host.refusals).toHaveLength(1);
  expect(forbidden.host.refusals).toEqual([]);
});

test('a refusal waits between 50 and 150 milliseconds before it closes', async () => {
  for (let run = 0; run < 5; run++) {
    const pipes = createPipePair();
    const host = createHost(pipes);
    const responding = respond(host.options);
    responding.catch(() => undefined);
    pipes.left.send(utf8('GET / '));
    await settle();
    const delays = host.time.pending().filter((delay) => delay < 5000);
    expect(delays).toHaveLength(1);
    expect(delays[0]).toBeGreaterThanOrEqual(50);
    expect(delays[0]).toBeLessThanOrEqual(150);
    expect(pipes.left.endCode()).toBeUndefined();
    host.time.advance(150);
    await expect(responding).rejects.toMatchObject({ code: 'refused' });
    await settle();
    expect(pipes.left.endCode()).toBe(4400);
  }
});

test('a phone that expects another host gets nowhere, and so does a host without the key', async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  const phone = outcome(initiate({ ...pairing(pipes), hostPublicKey: generateDhKey(random).publicKey }));
  expect(await responding).toMatchObject({ ok: false, error: { code: 'refused' } });
  expect(await phone).toMatchObject({ ok: false, error: { code: 'lost' } });
  expect(pipes.right.sent).toEqual([]);
  expect([host.openings, host.refusals]).toEqual([[], []]);
});

test('no bit of the handshake can be altered on the way', async () => {
  const place = fc.record({ frame: fc.nat(3), bit: fc.nat(50_000) });
  await fc.assert(
    fc.asyncProperty(place, async ({ frame: target, bit }) => {
      // frames in order: hello, message 1, message 2 (from the host), message 3
      const pipes = createPipePair((frame, direction, index) => {
        const position = direction === 'to-left' ? 2 : [0, 1, 3][index];
        if (position !== target) return [frame];
        const at = bit % (frame.length * 8);
        const altered = frame.slice();
        altered[at >> 3] = (altered[at >> 3] ?? 0) ^ (1 << (at & 7));
        return [altered];
      });
      const host = createHost(pipes);
      const [answer, phone] = await Promise.all([
        outcome(respond(host.options), host.time),
        outcome(initiate(pairing(pipes))),
      ]);
      expect(answer.ok).toBe(false);
      expect(host.openings).toEqual([]);
      expect(phone.ok).toBe(target === 3); // the phone has spoken last and learns it from the closed pipe
    }),
    { numRuns: 120 },
  );
}, 60_000);

const disorders: readonly (readonly [string, Relay])[] = [
  ['doubled', (frame) => [frame, frame]],
  ['doubled from the second on', (frame, _, index) => (index === 0 ? [frame] : [frame, frame])],
  ['dropped once', (frame, direction, index) => (direction === 'to-right' && index === 1 ? [] : [frame])],
  ['cut short', (frame) => [frame.slice(0, -1)]],
  ['followed by a byte', (frame) => [concat(frame, Uint8Array.of(0))]],
];
for (const [name, relay] of disorders) {
  test(`handshake frames that are ${name} never lead to a verified device`, async () => {
    const pipes = createPipePair(relay);
    const host = createHost(pipes);
    const responding = respond(host.options);
    const phone = outcome(initiate(pairing(pipes)), host.time).catch(() => undefined);
    await settle();
    host.time.advance(5000);
    expect((await outcome(responding, host.time)).ok).toBe(false);
    await phone;
    expect(host.openings).toEqual([]);
  });
}

test("a host's own frames sent back to it are refused", async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  const phone = initiate(pairing(pipes));
  phone.catch(() => undefined);
  await settle();
  const mirror = createPipePair();
  const other = createHost(mirror);
  const reflecting = outcome(respond(other.options), other.time);
  for (const frame of [pipes.left.sent[0], pipes.left.sent[1], pipes.right.sent[0]]) {
    mirror.right.inject(frame ?? new Uint8Array(0));
  }
  expect((await reflecting).ok).toBe(false);
  expect(other.openings).toEqual([]);
  expect((await responding).ok).toBe(true);
});

test('a recorded handshake is worthless the second time', async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  ok(await outcome(initiate(pairing(pipes))));
  ok(await responding);
  const replay = createPipePair();
  const later = createHost(replay);
  const replaying = outcome(respond(later.options), later.time);
  for (const frame of pipes.left.sent) replay.left.send(frame);
  expect((await replaying).ok).toBe(false);
  expect(later.openings).toEqual([]);
});

test('two phones race for one invitation, however they interleave: exactly one wins', async () => {
  const slow = (key: DhKey, ticks: () => number): DhKey => ({
    publicKey: key.publicKey,
    dh: async (remote) => {
      for (let left = ticks(); left > 0; left--) await Promise.resolve();
      return key.dh(remote);
    },
  });
  const phones = [deviceKey, generateDhKey(random)];
  let both = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }), async (delays) => {
      let next = 0;
      const ticks = (): number => delays[next++ % delays.length] ?? 0;
      const invitation: { boundKey?: Uint8Array } = {};
      let looked = 0;
      const attempts = phones.map((key) => {
        const pipes = createPipePair();
        const host = createHost(pipes, {
          hostKey: slow(hostKey, ticks),
          lookup: async () => {
            if (invitation.boundKey === undefined) looked += 1;
            for (let left = ticks(); left > 0; left--) await Promise.resolve();
            return pairPsk;
          },
          onVerified: ({ remoteStatic }) => {
            if (invitation.boundKey !== undefined) throw new Error('consumed');
            invitation.boundKey = remoteStatic;
          },
        });
        const responding = outcome(respond(host.options), host.time);
        void outcome(initiate({ ...pairing(pipes), deviceKey: slow(key, ticks) }));
        return responding;
      });
      const results = await Promise.all(attempts);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      if (looked === 2) both += 1;
    }),
    { numRuns: 200 },
  );
  // the race is real: in many runs both had looked the invitation up before either was verified
  expect(both).toBeGreaterThan(10);
}, 120_000);

test('a handshake that stalls is abandoned after five seconds, at every stage', async () => {
  for (const passed of [0, 1, 2]) {
    const pipes = createPipePair((frame, direction, index) =>
      direction === 'to-left' || index < passed ? [frame] : [],
    );
    const host = createHost(pipes);
    const responding = respond(host.options);
    responding.catch(() => undefined);
    initiate(pairing(pipes)).catch(() => undefined);
    await settle();
    expect(pipes.right.endCode()).toBeUndefined();
    host.time.advance(5000);
    expect(await outcome(responding, host.time)).toMatchObject({ ok: false, error: { code: 'late' } });
    await settle();
    expect(pipes.left.endCode()).toBe(4400);
    expect([host.openings, host.refusals, host.time.pending()]).toEqual([[], [], []]);
  }
});

test('a lookup that answers after the deadline verifies nobody', async () => {
  const pipes = createPipePair();
  let answer: (psk: Uint8Array) => void = () => undefined;
  const host = createHost(pipes, { lookup: () => new Promise<Uint8Array>((resolve) => (answer = resolve)) });
  const responding = respond(host.options);
  responding.catch(() => undefined);
  ok(await outcome(initiate(pairing(pipes))));
  await settle();
  host.time.advance(5000);
  answer(pairPsk);
  expect(await outcome(responding, host.time)).toMatchObject({ ok: false, error: { code: 'late' } });
  expect([host.openings, host.refusals]).toEqual([[], []]);
});

test('a lost connection ends the handshake at once on both sides', async () => {
  const pipes = createPipePair((frame, direction) => (direction === 'to-left' ? [] : [frame]));
  const host = createHost(pipes);
  const responding = outcome(respond(host.options));
  const phone = outcome(initiate(pairing(pipes)));
  pipes.cut();
  expect([await responding, await phone]).toMatchObject([
    { error: { code: 'lost' } },
    { error: { code: 'lost' } },
  ]);
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

/** A device with the right keys that sends whatever it likes as payloads. */
async function rogue(first: Uint8Array, third: Uint8Array) {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  const hello = Uint8Array.from(Buffer.from('SBE2\x01\x01', 'latin1'));
  const handshake = createHandshake({
    pattern: 'XKpsk3',
    hash: { name: 'SHA256', hash: sha256 },
    initiator: true,
    prologue: hello,
    staticKey: memoryDhKey(random(32)),
    remoteStatic: hostKey.publicKey,
    psk: () => pairPsk,
    random,
  });
  pipes.left.onMessage((frame) => {
    void handshake
      .readMessage(frame)
      .then(() => handshake.writeMessage(third))
      .then((message) => {
        pipes.left.send(message);
      });
  });
  pipes.left.send(hello);
  pipes.left.send(await handshake.writeMessage(first));
  return { result: await responding, host };
}

test('a device with the right key but a payload out of form is refused and counted', async () => {
  const announce = concat(Uint8Array.of(1), pairId);
  const json = (change: object): Uint8Array => utf8(JSON.stringify({ ...payload, ...change }));
  expect((await rogue(announce, json({}))).result.ok).toBe(true);
  const bad = [
    utf8(''),
    utf8('{'),
    utf8('null'),
    utf8('[]'),
    Uint8Array.of(0xff, 0xfe),
    utf8(JSON.stringify(payload).padEnd(5000, ' ')),
    json({ extra: 1 }),
    json({ deviceName: '' }),
    json({ deviceName: 'x'.repeat(65) }),
    json({ deviceName: 'two\nlines' }),
    json({ deviceName: 'evil\u202eenohp' }),
    json({ deviceName: 'hid\u200bden' }),
    json({ deviceName: ' padded' }),
    json({ deviceName: 7 }),
    json({ platform: 'toaster' }),
    json({ approvalKey: 'AAAA' }),
    json({ approvalKey: toBase64Url(new Uint8Array(65)) }),
    json({ approvalKey: `${payload.approvalKey}=` }),
  ];
  for (const third of bad) {
    const { result, host } = await rogue(announce, third);
    expect(result).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(host.openings).toEqual([]);
  }
  const announcements = [
    concat(Uint8Array.of(0), pairId),
    concat(Uint8Array.of(3), pairId),
    concat(Uint8Array.of(2), pairId), // a session has no pairing id
    pairId,
    concat(announce, Uint8Array.of(0)),
  ];
  for (const first of announcements) {
    expect(() => decodeAnnouncement(first)).toThrow('no known purpose');
    expect((await rogue(first, json({}))).result.ok).toBe(false);
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
