import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { concat, toBase64Url, utf8 } from './bytes.ts';
import { initiate, respond, type RespondOptions } from './channel-handshake.ts';
import { generateDhKey, memoryDhKey } from './dh-key.ts';
import { createPipePair } from './fakes.ts';
import { decodeAnnouncement } from './handshake-payloads.ts';
import { createHandshake } from './noise.ts';
import type { ChannelEnd, SecureChannel } from './secure-channel.ts';
import {
  random,
  settle,
  hostKey,
  deviceKey,
  pairId,
  pairPsk,
  payload,
  createHost,
  pairing,
  outcome,
  ok,
} from '../../main/testing/channel/handshake-bench.ts';

const endsOf = (channel: SecureChannel): ChannelEnd[] => {
  const ends: ChannelEnd[] = [];
  channel.onClose((end) => ends.push(end));
  return ends;
};

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
