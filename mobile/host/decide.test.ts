/** @jest-environment node */
import { createPublicKey, verify } from 'node:crypto';
import { actionHash, approvalBytes, ruleBytes, sha256Hex } from '../../contract/action.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import type { Need } from '../../contract/policy.ts';
import { action, approved, pending, random, stateWith } from './fake-host.ts';
import { onDisk, paired, stopPhones, until } from './fake-phone.ts';
import type { Delivery, HostAction } from './views.ts';

afterEach(stopPhones);

const HASH = actionHash(action);
const challenge = Buffer.from(random(32)).toString('base64url');

/** A phone at a host where these questions wait; `carryOut` gives the steps of an action. */
async function at(...approvals: ReturnType<typeof pending>[]) {
  const made = await paired();
  const { host, phone, view } = made;
  host.seq = 9;
  host.state = stateWith(...approvals);
  host.push({
    type: 'frame',
    frame: { kind: 'snapshot', cursor: { epoch: 'e1', seq: 9 }, state: host.state },
  });
  await until(() => view()?.approvals.length === approvals.length);
  const purposes: unknown[] = [];
  const offered = { kinds: ['device-p256'] };
  host.onRead = (call) => {
    if (call.name !== 'presence.beginStepUp') return undefined;
    purposes.push((call.input as { purpose: unknown }).purpose);
    return {
      challengeId: 'c'.repeat(22),
      challenge,
      expiresAt: approvals[0]?.expiresAt,
      webauthn: null,
      ...offered,
    };
  };
  async function carryOut(wanted: HostAction): Promise<Delivery[]> {
    const steps: Delivery[] = [];
    await phone.store.act(wanted, (step) => steps.push(step));
    return steps;
  }
  const signed = (bytes: Uint8Array, signature: string): boolean => {
    const spki = { key: Buffer.from(host.approvalKey, 'base64url'), format: 'der', type: 'spki' } as const;
    const key = createPublicKey(spki);
    return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  };
  return { ...made, purposes, offered, carryOut, signed };
}

const decide = (change: object = {}): HostAction => ({
  ...{
    kind: 'decide',
    hostId: 'host-1',
    approvalId: 'ap-1',
    actionHash: HASH,
    decision: 'allow',
    scope: 'once',
  },
  ...change,
});
const need = (change: Partial<Need>): { need: Need } => ({
  need: { approvers: 1, stepUp: 'none', distinctFromRequester: false, ...change },
});

interface Sent {
  readonly proof: { readonly counter: number; readonly signature: string };
  readonly presence?: { readonly kind: string; readonly challengeId: string; readonly signature: string };
}

test.each([
  ['the policy wants it', { risk: 1, ...need({ stepUp: 'if-enrolled' }) }],
  ['the risk is high', { risk: 3 }],
])('a person proves to be there for this very action when %s', async (_why, change) => {
  const { host, carryOut, purposes, signed } = await at(pending('ap-1', HASH, change));
  host.onCall = () => approved;
  expect((await carryOut(decide())).at(-1)).toEqual({ kind: 'done' });
  expect(purposes).toEqual([{ kind: 'approval', approvalId: 'ap-1', actionHash: HASH }]);
  const { proof, presence } = host.calls[0]?.input as Sent;
  expect(presence).toMatchObject({ kind: 'device-p256', challengeId: 'c'.repeat(22) });
  expect(signed(Buffer.from(challenge, 'base64url'), presence?.signature ?? '')).toBe(true);
  const { counter, signature } = proof;
  const statement = {
    approvalId: pending('ap-1').id,
    actionHash: HASH,
    decision: 'allow',
    scope: 'once',
    counter,
  } as const;
  expect(signed(approvalBytes(statement), signature)).toBe(true);
});

test('a low risk and a no need no proof', async () => {
  const { host, carryOut, purposes } = await at(pending('ap-1', HASH, { risk: 4 }), pending('ap-2'));
  host.onCall = () => approved;
  await carryOut(decide({ decision: 'deny', scope: 'always' }));
  await carryOut(decide({ approvalId: 'ap-2' }));
  expect(purposes).toEqual([]);
  expect(host.calls.map(({ input }) => (input as { scope: string }).scope)).toEqual(['once', 'once']);
});

test('where only a passkey will do, nothing is signed', async () => {
  const { host, carryOut, offered, phone } = await at(pending('ap-1', HASH, { risk: 3 }));
  offered.kinds = ['webauthn'];
  expect((await carryOut(decide())).at(-1)).toEqual({
    ...{
      kind: 'refused',
      why: 'The host asks for a passkey here. Answer on the desktop. Nothing was signed.',
    },
  });
  expect([host.calls, onDisk(phone).counter]).toEqual([[], 0]);
});

test('an answer is remembered only as long as the host offers', async () => {
  const { host, carryOut } = await at(pending('ap-1', HASH, { scopes: ['once', 'session'] }));
  host.onCall = () => approved;
  expect((await carryOut(decide({ scope: 'always' }))).at(-1)?.kind).toBe('refused');
  expect((await carryOut(decide({ scope: 'session' }))).at(-1)?.kind).toBe('done');
  expect(host.calls).toMatchObject([{ input: { scope: 'session' } }]);
});

describe('several answers', () => {
  const chosen = ['ap-1', 'ap-2'].map((approvalId) => ({ approvalId, actionHash: HASH }));
  const many: HostAction = { kind: 'decide-many', hostId: 'host-1', chosen, decision: 'allow' };

  test('go out together, each signed for its own question with a number of its own', async () => {
    const { host, carryOut, signed, phone } = await at(pending('ap-1'), pending('ap-2'));
    host.onCall = () => ({
      results: [
        { ok: true, approval: approved },
        { ok: false, approvalId: 'ap-2', error: { code: 'conflict', message: 'answered already' } },
      ],
    });
    expect((await carryOut(many)).at(-1)).toEqual({
      ...{ kind: 'partly', taken: 1, of: 2, why: 'answered already' },
    });
    const { answers } = host.calls[0]?.input as { answers: (Sent & { approvalId: string })[] };
    const valid = answers.map(({ approvalId, proof: { counter, signature } }) => {
      const statement = { approvalId, actionHash: HASH, decision: 'allow', scope: 'once', counter };
      return signed(approvalBytes(statement as Parameters<typeof approvalBytes>[0]), signature);
    });
    expect(valid).toEqual([true, true]);
    const counters = answers.map(({ proof }) => proof.counter);
    expect(counters[1]).toBe((counters[0] ?? 0) + 1);
    expect(onDisk(phone).counter).toBe(counters[1]);
  });

  test('are not given when one of them has changed, ended, or needs a look of its own', async () => {
    for (const other of [
      pending('ap-2', sha256Hex('another action')),
      pending('ap-3'),
      pending('ap-2', HASH, { risk: 3 }),
      pending('ap-2', HASH, need({ stepUp: 'each' })),
    ]) {
      const { host, carryOut } = await at(pending('ap-1'), other);
      expect((await carryOut(many)).at(-1)?.kind).toBe('refused');
      expect(host.calls).toEqual([]);
    }
  });
});

test('a rule is signed as it is, by a person who proves to be there for it', async () => {
  const { host, carryOut, purposes, signed } = await at(pending('ap-1'));
  const rule = { id: 'mine.one', effect: 'allow', when: { kind: ['exec'], argv: ['npm', 'test'] } } as const;
  const copy = { ...rule, when: { kind: [...rule.when.kind], argv: [...rule.when.argv] } };
  host.onCall = () => ({ rule, policySha256: sha256Hex('policy') });
  expect((await carryOut({ kind: 'add-rule', hostId: 'host-1', rule: copy })).at(-1)).toEqual({
    kind: 'done',
  });
  expect(purposes).toEqual([{ kind: 'rule', ruleSha256: sha256Hex(canonicalJson(rule)) }]);
  const { proof, presence } = host.calls[0]?.input as Sent;
  expect(signed(ruleBytes(rule, proof.counter), proof.signature)).toBe(true);
  expect(signed(Buffer.from(challenge, 'base64url'), presence?.signature ?? '')).toBe(true);
});
