import { sha256Hex } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';
import { HostError } from '../../contract/errors.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import type { HostMode } from '../../contract/host.ts';
import { DeviceId } from '../../contract/ids.ts';
import type { Need, Rule } from '../../contract/policy.ts';
import type { PresenceProof } from '../../contract/proof.ts';
import type { ActionFacts, Permit, PermissionRequest, Refusal } from '../kernel/approver.ts';
import { deviceCaller, ownerCaller, type Caller } from '../kernel/caller.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import { handClock, memoryAuditor, realRandom, type HandClock } from './fake-ports.ts';
import { createApprovals } from '../services/approvals/approvals.ts';
import type { PresenceVerifier, WorkspaceFolders } from '../services/approvals/ports.ts';

export const owner = ownerCaller('desktop');
export const cli = ownerCaller('cli');
export const phone = (id: string): Caller => deviceCaller(DeviceId.parse(id), 'approve');

export function write(path: string, text = 'x'): ActionFacts {
  return {
    kind: 'fs.write',
    workspaceId: null,
    requester: ['task:t'],
    agent: 'demo',
    paths: [path],
    exec: null,
    writes: [{ path, baseSha256: null, newSha256: sha256Hex(text), bytes: text.length }],
    tool: null,
    net: [],
  };
}

export function run(...argv: string[]): ActionFacts {
  return {
    ...write('a.txt'),
    kind: 'exec',
    paths: [],
    writes: [],
    exec: {
      argv,
      cwd: '.',
      sandbox: 'ws',
      binarySha256: sha256Hex('program'),
      envNames: [],
      envSha256: sha256Hex('{}'),
      cwdIdentity: '1:2',
    },
  };
}

export function request(facts: ActionFacts, change: Partial<PermissionRequest> = {}): PermissionRequest {
  return {
    facts,
    title: 'Change a file',
    origin: 'acp',
    taskId: null,
    sessionKey: 's1',
    diffs: [],
    agentSays: '',
    ...change,
  };
}

/** Everything is asked for, with this need. */
export function asking(need: Partial<Need> = {}): Rule[] {
  const whole: Need = { approvers: 1, stepUp: 'none', distinctFromRequester: false, ...need };
  return [{ id: 'test.ask', effect: 'ask', when: {}, need: whole }];
}

export const proof: PresenceProof = { kind: 'os-prompt', challengeId: 'c'.repeat(16) };

/** Proofs by the prompt of the system hold, others do not. */
export function fakePresence(
  can: boolean,
  recent = false,
): PresenceVerifier & { readonly verified: string[] } {
  const verified: string[] = [];
  return {
    verified,
    canProve: () => can,
    recent: (_caller, kinds) => (recent && kinds?.includes('os-prompt') !== false ? 'os-prompt' : null),
    verify(caller, given, purpose) {
      if (given.kind !== 'os-prompt')
        return Promise.reject(new HostError('not_permitted', 'it does not hold'));
      verified.push(`${caller.principal} ${purpose.kind === 'approval' ? purpose.approvalId : ''}`);
      return Promise.resolve('os-prompt');
    },
  };
}

export interface BenchOptions {
  db?: Database;
  clock?: HandClock;
  /** Rules of the product; none when left out. */
  productRules?: readonly Rule[];
  /** Rules of the owner; everything is asked for when left out. */
  rules?: readonly Rule[];
  presence?: PresenceVerifier;
  workspaces?: WorkspaceFolders;
}

export type Decided = Permit | Refusal;

/** Approvals as the host makes them, with people and clock played by the test. */
export function testApprovals(options: BenchOptions = {}) {
  const { db = openDatabase(':memory:'), clock = handClock() } = options;
  const audit = memoryAuditor();
  const events: HostEvent[] = [];
  let mode: HostMode = 'running';
  let rules = options.rules ?? asking();
  const revoked = new Set<string>();
  const approvals = createApprovals({
    db,
    clock,
    random: realRandom,
    audit,
    publish: (event) => void events.push(event),
    productRules: options.productRules ?? [],
    workspaces: options.workspaces ?? { folder: () => null },
    ownRules: { get: () => rules, set: (next) => void (rules = next) },
    raise: () => {},
    devices: { verifyStatement: () => {}, verifyRule: () => {}, mayApprove: (id) => !revoked.has(id) },
    presence: options.presence ?? fakePresence(false),
    host: { mode: () => mode },
  });
  const list = async (): Promise<Approval[]> =>
    (await approvals.handlers['approvals.list']({ limit: 100 }, owner)).approvals;
  async function settled(): Promise<void> {
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
  }
  /** The newest pending approval, once it is on the disk. */
  async function pending(): Promise<Extract<Approval, { state: 'pending' }>> {
    await settled();
    const found = (await list()).find((one) => one.state === 'pending');
    if (found?.state !== 'pending') throw new Error('nothing is pending');
    return found;
  }
  async function answer(
    decision: 'allow' | 'deny',
    by: Caller = owner,
    more: { scope?: 'once' | 'session' | 'always'; presence?: PresenceProof } = {},
  ): Promise<Approval> {
    const { id, actionHash } = await pending();
    return approvals.handlers['approvals.decide'](
      {
        approvalId: id,
        actionHash,
        decision,
        scope: 'once',
        reason: '',
        ...(by.deviceId !== null && { proof: { counter: 1, signature: 'A'.repeat(86) } }),
        ...more,
      },
      by,
    );
  }
  const state = async (): Promise<Approval['state'] | undefined> => (await list())[0]?.state;
  return {
    ...{ db, clock, audit, events, approvals, list, pending, answer, state, settled },
    setMode: (next: HostMode) => void (mode = next),
    /** What the host does when a phone is revoked, or may answer no longer. */
    revoke(id: string) {
      revoked.add(id);
      approvals.forgetAnswersOf(`device:${id}`);
    },
    /** The same, but its votes are still on the question: as when the host fell between the two. */
    dropSilently: (id: string) => void revoked.add(id),
    setRules: (next: readonly Rule[]) => void (rules = next),
  };
}

export function leave(decided: Decided): Permit {
  if (decided.effect !== 'allow') throw new Error(`refused by ${decided.by}: ${decided.reason}`);
  return decided;
}
