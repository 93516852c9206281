import fc from 'fast-check';
import type { Device } from '../../../contract/identity.ts';
import { fingerprint } from '../../services/identity/device-store.ts';
import { createCodeOracle, type Code } from './code-oracle.ts';
import { PHONES, steps, type Plain, type Step } from './pairing-steps.ts';
import { createTestDevice, type Cut, type TestDevice } from './test-device.ts';
import { createWorld, owner, YEAR, type World } from './test-world.ts';

const DAY = 86_400_000;
const JUMPS = { 'jump-on': 10 * YEAR, 'jump-back': -10 * YEAR, dst: -3_600_000 } as const;

/** How often what matters came about: a model that never gets there proves nothing. */
export interface Seen {
  alarms: number;
  approvals: number;
  renewals: number;
  connections: number;
  revocations: number;
}

interface Known {
  readonly approved: Set<string>;
  readonly revoked: Set<string>;
  readonly away: Set<string>;
}

/** What the owner and the phones do, each with what must come of it. */
function createDeeds(world: World, seen: Seen, { approved, revoked, away }: Known) {
  const pendingOf = (one: TestDevice) =>
    world.identity
      .devices()
      .find(
        (device) => device.state === 'pending' && device.checkCode === one.checkCode && one.checkCode !== '',
      );

  async function answer(one: TestDevice, isRight: boolean): Promise<void> {
    const device = pendingOf(one);
    if (!device) return;
    const wrong = String((Number(one.checkCode) + 1) % 1_000_000).padStart(6, '0');
    const code = isRight ? one.checkCode : wrong;
    // Known before it is tried: whatever comes of it, the owner has said yes to this key.
    if (isRight) approved.add(fingerprint(one.publicKey()));
    if (isRight) away.delete(one.publicKey());
    const outcome = await Promise.resolve(
      world.identity.handlers['identity.approveDevice']({ deviceId: device.id, code }, owner),
    ).then(
      () => true,
      () => false,
    );
    if (isRight && device.state === 'pending')
      seen[device.purpose === 'renew' ? 'renewals' : 'approvals'] += 1;
    if (outcome !== isRight) throw new Error(`a ${isRight ? 'right' : 'wrong'} code was answered wrongly`);
  }

  async function revoke(one: TestDevice): Promise<void> {
    if (!one.deviceId) return;
    const known = (await world.identity.handlers['identity.listDevices']({}, owner)).devices;
    const device = known.find(
      ({ id, fingerprint: shown }) => id === one.deviceId && shown === fingerprint(one.publicKey()),
    );
    if (!device || device.state === 'revoked' || (device.state === 'pending' && device.purpose === 'pair'))
      return;
    await world.identity.handlers['identity.revokeDevice']({ deviceId: one.deviceId }, owner);
    revoked.add(one.publicKey());
    seen.revocations += 1;
    if (one.isConnected()) throw new Error('a revoked device is still connected');
  }

  async function changeScope(one: TestDevice): Promise<void> {
    if (!one.deviceId || !one.isConnected()) return;
    const { devices } = world.identity.handlers['identity.listDevices']({}, owner) as { devices: Device[] };
    const before = devices.find(({ id }) => id === one.deviceId);
    const scope = before?.scope === 'view' ? 'approve' : 'view';
    await world.identity.handlers['identity.setScope']({ deviceId: one.deviceId, scope }, owner);
    if (one.isConnected() || one.goodbyes.at(-1) !== 'scope-changed')
      throw new Error('a session outlived the change of its scope');
  }

  function connect(one: TestDevice): void {
    const became = one.connect();
    if (became === 'connected') seen.connections += 1;
    const key = one.publicKey();
    if (became !== 'refused' && (revoked.has(key) || !approved.has(fingerprint(key))))
      throw new Error('a device came in that may not');
    if (became === 'connected' && away.has(key)) throw new Error('an idle device came in without the owner');
    if (became === 'away') away.add(key);
  }

  async function refuse(one: TestDevice): Promise<void> {
    const device = pendingOf(one);
    if (device) await world.identity.handlers['identity.refuseDevice']({ deviceId: device.id }, owner);
  }

  return { answer, revoke, changeScope, connect, refuse };
}

/** Lives one life and checks after every step what must always hold. Throws at the first step that breaks a rule. */
export async function live(life: readonly Step[], seen: Seen): Promise<void> {
  const world = createWorld();
  await world.identity.start();
  const phones = Array.from({ length: PHONES }, () => createTestDevice(world));
  const known: Known = { approved: new Set(), revoked: new Set(), away: new Set() };
  const oracle = createCodeOracle(() => world.clock.monotonic(), known.revoked);
  const deeds = createDeeds(world, seen, known);
  const codeOf = new Map<TestDevice, Code>();
  let text = '';

  function lookUp(one: TestDevice, psk?: Uint8Array) {
    if (!codeOf.has(one)) return null;
    const counted = oracle.mayShake();
    return { counted, found: one.lookUp(psk) };
  }

  function shake(one: TestDevice, cut: Cut, looked = lookUp(one)): void {
    const code = codeOf.get(one);
    if (!code || !looked || cut === 'before-3') return;
    const due = looked.counted && oracle.judge(code, one.publicKey(), true);
    const became = one.prove(looked.found, cut);
    if (due !== (became !== 'refused'))
      throw new Error(`the code was ${due ? 'refused' : 'taken'} against the rules`);
  }

  function guess(one: TestDevice): void {
    const code = codeOf.get(one);
    const looked = lookUp(one, new Uint8Array(32));
    if (!code || !looked) return;
    if (looked.counted) oracle.judge(code, one.publicKey(), false);
    one.prove(looked.found, 'none');
  }

  function scan(one: TestDevice): void {
    const code = oracle.codes.at(-1);
    if (!code) return;
    one.scan(text);
    codeOf.set(one, code);
  }

  async function ofHost(step: Exclude<Step, { phone: number }>): Promise<void> {
    if (step.do === 'invite') {
      oracle.make();
      text = (await world.identity.handlers['identity.createInvitation']({ scope: 'approve' }, owner)).text;
    } else if (step.do === 'cancel') {
      oracle.endAll();
      await world.identity.handlers['identity.cancelInvitation']({}, owner);
    } else if (step.do === 'restart') {
      oracle.restart();
      for (const one of phones) one.hangUp();
      await world.restart();
    } else if (step.do === 'wait') world.clock.advance(step.ms);
    else if (step.do === 'suspend') world.suspend(8 * 3_600_000);
    else world.clock.jump(JUMPS[step.do]);
  }

  const ofPhone: Readonly<Record<Plain, (one: TestDevice, phone: number) => unknown>> = {
    scan,
    guess,
    approve: (one) => deeds.answer(one, true),
    'approve-wrong': (one) => deeds.answer(one, false),
    refuse: deeds.refuse,
    stored: (one) => {
      one.sayStored();
    },
    drop: (one) => {
      one.hangUp();
    },
    deaf: (one) => {
      one.isDeaf = !one.isDeaf;
    },
    connect: deeds.connect,
    renew: (one) => {
      const key = one.publicKey();
      if (known.away.has(key) && !known.revoked.has(key)) one.renew();
    },
    revoke: deeds.revoke,
    scope: deeds.changeScope,
    'new-key': (one) => {
      one.newKey();
    },
    async pair(_one, phone) {
      await ofHost({ do: 'invite' });
      await run({ do: 'scan', phone });
      await run({ do: 'shake', phone, cut: 'none' });
      for (const part of ['approve', 'stored', 'connect'] as const) await run({ do: part, phone });
    },
    async 'come-back'(one, phone) {
      one.hangUp();
      world.clock.advance(31 * DAY);
      for (const part of ['connect', 'renew', 'approve', 'connect'] as const) await run({ do: part, phone });
    },
  };

  async function run(step: Step): Promise<void> {
    if (!('phone' in step)) return ofHost(step);
    const one = pick(phones, step.phone);
    if (step.do === 'shake') shake(one, step.cut);
    else if (step.do === 'race') {
      const other = pick(phones, step.other);
      const [first, second] = [lookUp(one), lookUp(other)];
      shake(one, 'none', first);
      shake(other, 'none', second);
    } else await ofPhone[step.do](one, step.phone);
  }

  for (const step of life) {
    await run(step);
    for (const code of oracle.codes) if (code.keys.size > 1) throw new Error('one code let two devices ask');
    if (world.alarms.length !== oracle.alarmsDue())
      throw new Error(`${oracle.alarmsDue()} alarms were due, ${world.alarms.length} were raised`);
    checkDevices(world, known.approved);
    checkKeys(world, phones, known.revoked);
  }
  seen.alarms += oracle.alarmsDue();
  world.db.close();
}

function checkDevices(world: World, approved: ReadonlySet<string>): void {
  for (const device of world.identity.devices()) {
    const isIn = device.state === 'active' || device.state === 'idle';
    if (isIn && !approved.has(device.fingerprint))
      throw new Error('a device is in without the approval of the owner');
  }
}

function checkKeys(world: World, phones: readonly TestDevice[], revoked: ReadonlySet<string>): void {
  for (const key of revoked) {
    const remoteStatic = Buffer.from(key, 'base64url');
    for (const one of phones)
      for (const { hostPublicKey } of one.held) {
        const claim = { mode: 'session' as const, pairId: new Uint8Array(8), remoteStatic, hostPublicKey };
        if (world.identity.pskFor(claim)) throw new Error('a revoked key still opens');
      }
  }
}

function pick<T>(from: readonly T[], index: number): T {
  const found = from[index];
  if (found === undefined) throw new RangeError('no such phone');
  return found;
}

/** Runs so many random lives. */
export async function runPairingModel(sequences: number): Promise<{ seen: Seen; figure: string }> {
  const seen: Seen = { alarms: 0, approvals: 0, renewals: 0, connections: 0, revocations: 0 };
  await fc.assert(
    fc.asyncProperty(steps, (life) => live(life, seen)),
    { numRuns: sequences },
  );
  const { alarms, approvals, renewals, connections, revocations } = seen;
  const figure =
    `pairing model: ${sequences} sequences (${approvals} approvals, ${connections} connections, ` +
    `${renewals} renewals, ${revocations} revocations), ${alarms} of ${alarms} reuses alarmed, 0 violations\n`;
  return { seen, figure };
}
