import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostError } from '../../../contract/errors.ts';
import { ApprovalId } from '../../../contract/ids.ts';
import { AuthenticationJson } from '../../../contract/proof.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import { handClock, memoryAuditor, realRandom } from '../../testing/fake-ports.ts';
import { createForgedAuthenticator, type Forgery } from '../../testing/forged-authenticator.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { noOsPrompt } from './ports.ts';
import { createPresence } from './presence.ts';

const ORIGIN = 'http://localhost:4000';
const approval = {
  kind: 'approval' as const,
  approvalId: ApprovalId.parse('ap-1'),
  actionHash: 'a'.repeat(64),
};

function setUp() {
  const clock = handClock();
  const audit = memoryAuditor();
  const presence = createPresence({
    db: openDatabase(join(temporaryFolder(), 'state.db')),
    clock,
    random: realRandom,
    audit,
    publish: () => {},
    hostName: () => 'test',
    devices: { canSign: () => false, isSigned: () => false },
    osPrompt: noOsPrompt,
    sites: {
      dashboard: () => 'http://127.0.0.1:4000',
      openDashboard: () => Promise.resolve('http://127.0.0.1:4000'),
      tunnel: () => null,
    },
    rules: { get: () => [] },
    keepSecret: () => {},
  });
  const browser = ownerCaller('browser');
  const key = createForgedAuthenticator();
  async function register(forged: Forgery = {}, authenticator = key) {
    const { challengeId, options } = await presence.handlers['presence.beginRegistration'](
      { origin: ORIGIN },
      browser,
    );
    const challenge = String(options['challenge']);
    const response = authenticator.create({ origin: ORIGIN, challenge }, forged);
    return presence.handlers['presence.finishRegistration']({ challengeId, name: 'key', response }, browser);
  }
  async function begin(caller = browser) {
    const begun = await presence.handlers['presence.beginStepUp'](
      { purpose: approval, origin: ORIGIN },
      caller,
    );
    return { id: begun.challengeId, page: { origin: ORIGIN, challenge: begun.challenge } };
  }
  async function prove(forged: Forgery = {}) {
    const { id, page } = await begin();
    const response = key.get(page, forged);
    return presence.verify(browser, { kind: 'webauthn', challengeId: id, response }, approval);
  }
  return { presence, clock, audit, browser, key, register, begin, prove };
}

test('a good passkey is registered, proves presence with a growing counter, and counts as recent for five minutes', async () => {
  const { presence, clock, browser, register, prove } = setUp();
  await register();
  expect(await prove()).toBe('webauthn');
  expect(await prove()).toBe('webauthn');
  expect(presence.recent(browser)).toBe('webauthn');
  clock.advance(5 * 60_000 + 1);
  expect(presence.recent(browser)).toBeNull();
});

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const forgedAnswers: readonly (readonly [string, Forgery])[] = [
  ['another challenge', { challenge: randomBytes(32).toString('base64url') }],
  ['another port', { origin: 'http://localhost:4001' }],
  ['another scheme', { origin: 'https://localhost:4000' }],
  ['an IP address', { origin: 'http://127.0.0.1:4000' }],
  ['a quick tunnel', { origin: 'https://a-b.trycloudflare.com' }],
  ['another relying party', { rpId: 'example.com' }],
  ['no user verification', { flags: 0x01 }],
  ['no user presence', { flags: 0x04 }],
  ['neither', { flags: 0 }],
  ['a backed-up state without eligibility', { flags: 0x15 }],
  ['an eligibility that it did not have', { flags: 0x0d }],
  ['a counter of zero', { counter: 0 }],
  ['the counter of before', { counter: 1 }],
  ['a signature of another key', { key: stranger }],
  ['an unknown credential', { id: randomBytes(32).toString('base64url') }],
  ['the handle of another user', { userHandle: randomBytes(32).toString('base64url') }],
  ['the type of a registration', { type: 'webauthn.create' }],
  ['a frame of another site', { clientData: { crossOrigin: true } }],
  ['a top origin', { clientData: { topOrigin: 'https://evil.example' } }],
  ['bytes behind the authenticator data', { trailing: Uint8Array.of(0xa0) }],
  ['truncated authenticator data', { keep: 36 }],
];

test.each(forgedAnswers)('an answer with %s proves nothing', async (_name, forged) => {
  const { presence, browser, audit, register, prove } = setUp();
  await register();
  await expect(prove(forged)).rejects.toMatchObject({ code: 'not_permitted' });
  expect(presence.recent(browser)).toBeNull();
  expect(audit.entries.some(({ type }) => type === 'presence.refused')).toBe(true);
  // The same passkey, honestly used, still works.
  expect(await prove()).toBe('webauthn');
});

const forgedPasskeys: readonly (readonly [string, Forgery])[] = [
  ['another origin', { origin: 'http://localhost:4001' }],
  ['another relying party', { rpId: 'example.com' }],
  ['no user verification', { flags: 0x41 }],
  ['an algorithm that was not offered', { alg: -47 }],
  ['another type', { type: 'webauthn.get' }],
  ['bytes behind its CBOR', { trailing: Uint8Array.of(0) }],
  ['an attestation that nobody asked for', { fmt: 'tpm' }],
  ['an id that it did not sign', { id: randomBytes(32).toString('base64url') }],
  ['a frame of another site', { clientData: { crossOrigin: true } }],
];

test.each(forgedPasskeys)('a new passkey with %s is refused', async (_name, forged) => {
  const { presence, register } = setUp();
  await expect(register(forged)).rejects.toMatchObject({ code: 'not_permitted' });
  expect(presence.passkeys()).toEqual([]);
});

test('a challenge is good for one try, one minute, one purpose and the connection that asked', async () => {
  const { presence, clock, browser, key, register, begin } = setUp();
  await register();
  const used = await begin();
  const good = { kind: 'webauthn', challengeId: used.id, response: key.get(used.page) } as const;
  await presence.verify(browser, good, approval);
  await expect(presence.verify(browser, good, approval)).rejects.toMatchObject({ code: 'expired' });
  const late = await begin();
  clock.advance(60_000);
  const tooLate = { kind: 'webauthn', challengeId: late.id, response: key.get(late.page) } as const;
  await expect(presence.verify(browser, tooLate, approval)).rejects.toMatchObject({ code: 'expired' });
  for (const purpose of [
    { ...approval, approvalId: ApprovalId.parse('ap-2') },
    { ...approval, actionHash: 'b'.repeat(64) },
    { kind: 'rule' as const, ruleSha256: 'a'.repeat(64) },
  ]) {
    clock.advance(60_000);
    const { id, page } = await begin();
    const proof = { kind: 'webauthn', challengeId: id, response: key.get(page) } as const;
    await expect(presence.verify(browser, proof, purpose)).rejects.toMatchObject({ code: 'not_permitted' });
    await expect(presence.verify(browser, proof, approval)).rejects.toMatchObject({ code: 'expired' });
  }
  clock.advance(60_000);
  const { id, page } = await begin();
  const proof = { kind: 'webauthn', challengeId: id, response: key.get(page) } as const;
  await expect(presence.verify(ownerCaller('browser'), proof, approval)).rejects.toMatchObject({
    code: 'not_permitted',
  });
});

test('after five failures within a minute even a good proof must wait', async () => {
  const { clock, register, prove } = setUp();
  await register();
  for (let i = 0; i < 5; i += 1)
    await expect(prove({ flags: 0 })).rejects.toMatchObject({ code: 'not_permitted' });
  await expect(prove()).rejects.toMatchObject({ code: 'too_many' });
  clock.advance(60_001);
  expect(await prove()).toBe('webauthn');
});

test('tries that run side by side are no way around the limit', async () => {
  const { presence, audit, browser, key, register, begin } = setUp();
  await register();
  const tries = [];
  for (let i = 0; i < 12; i += 1) {
    const { id, page } = await begin();
    const response = key.get(page, { flags: 0 });
    tries.push({ kind: 'webauthn', challengeId: id, response } as const);
  }
  const ended = await Promise.allSettled(tries.map((one) => presence.verify(browser, one, approval)));
  const codes = ended.map((one) => (one.status === 'rejected' ? (one.reason as HostError).code : 'ok'));
  expect(codes.filter((code) => code === 'not_permitted')).toHaveLength(5);
  expect(codes.filter((code) => code === 'too_many')).toHaveLength(7);
  expect(audit.entries.filter(({ type }) => type === 'presence.refused')).toHaveLength(5);
});

test('what holds takes no try away, however many there are', async () => {
  const { register, prove } = setUp();
  await register();
  for (let i = 0; i < 12; i += 1) expect(await prove()).toBe('webauthn');
});

test.each(['passkey.added', 'presence.proven'])(
  'what was begun before a recovery proves nothing after it (while "%s" is written)',
  async (type) => {
    const { presence, audit, browser, register, prove } = setUp();
    await register();
    await prove();
    const { code } = await presence.handlers['presence.createRecoveryCode']({}, browser);
    const second = createForgedAuthenticator();
    const gate = audit.hold(type);
    const late = type === 'presence.proven' ? prove() : register({}, second);
    const refused = expect(late).rejects.toMatchObject({ code: 'expired' });
    await gate.reached;
    await presence.handlers['presence.recover']({ code }, browser);
    gate.release();
    await refused;
    expect(presence.recent(browser)).toBeNull();
    expect(presence.passkeys()).toEqual([]);
  },
);

test('the recovery code is used once, also by two at the same moment', async () => {
  const { presence, browser, register, prove } = setUp();
  await register();
  await prove();
  const { code } = await presence.handlers['presence.createRecoveryCode']({}, browser);
  const recover = async () => presence.handlers['presence.recover']({ code }, browser);
  const ended = await Promise.allSettled([recover(), recover()]);
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('an oversized answer does not pass the contract', () => {
  const { key } = setUp();
  const answer = key.get({ origin: ORIGIN, challenge: 'x' }, { trailing: randomBytes(8192) });
  expect(AuthenticationJson.safeParse(answer).success).toBe(false);
});

test('no page but the exact one of this host is offered a passkey', async () => {
  const { presence, browser } = setUp();
  for (const [origin, reason] of [
    ['http://127.0.0.1:4000', 'address'],
    ['http://[::1]:4000', 'address'],
    ['https://a-b.trycloudflare.com', 'quick-tunnel'],
    ['app://signalbox', 'not-this-screen'],
    ['http://x.localhost:4000', 'other-site'],
    ['http://localhost:4000/', 'other-site'],
  ] as const) {
    const { support } = await presence.handlers['presence.status']({ origin }, browser);
    expect(support, origin).toMatchObject({ state: 'unavailable', reason });
    await expect(
      Promise.resolve().then(() => presence.handlers['presence.beginRegistration']({ origin }, browser)),
    ).rejects.toMatchObject({ code: 'refused' });
  }
});
