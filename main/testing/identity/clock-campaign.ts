import fc from 'fast-check';
import { INVITATION_MS } from '../../services/identity/invitations.ts';
import { CONFIRM_MS } from '../../services/identity/pending-devices.ts';
import { STORED_WITHIN_MS } from '../../services/identity/provisional.ts';
import { createTestDevice, type TestDevice } from './test-device.ts';
import { createWorld, owner, YEAR, type World } from './test-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const IDLE_MS = 30 * DAY;

/** What a clock may do. Only `run` is time as this computer lived through it; `sleep` is a suspended computer. */
type Tick =
  | { readonly is: 'run'; readonly ms: number }
  | { readonly is: 'jump'; readonly ms: number }
  | { readonly is: 'sleep'; readonly stands: boolean };

const tick: fc.Arbitrary<Tick> = fc.oneof(
  fc.record({
    is: fc.constant('run' as const),
    ms: fc.constantFrom(1, 59_000, 119_999, 120_000, 301_000, 601_000),
  }),
  fc.record({
    is: fc.constant('jump' as const),
    ms: fc.constantFrom(10 * YEAR, -10 * YEAR, HOUR, -HOUR, 40 * DAY, -40 * DAY, 1000, -1000),
  }),
  fc.record({ is: fc.constant('sleep' as const), stands: fc.boolean() }),
);

export const ticks = fc.array(tick, { minLength: 1, maxLength: 12, size: 'max' });

/** What a clock could make last too long, and for how long it may last. */
const CASES = [
  'invitation',
  'approval of a device',
  'provisional device',
  'session of an idle device',
] as const;
type Case = (typeof CASES)[number];

/**
 * Winds the clock and looks after every tick whether anything is valid that must not be.
 * @returns how many looks found it ended
 */
export async function windClock(what: Case, wind: readonly Tick[], restart: boolean): Promise<number> {
  const world = createWorld();
  await world.identity.start();
  const phone = createTestDevice(world);
  await prepare(world, phone, what);
  let ran = 0;
  let isIdle = false;
  let ended = 0;
  for (const one of wind) {
    ran += move(world, one);
    if (restart && one.is === 'jump' && what === 'session of an idle device') await world.restart();
    const limit = {
      invitation: INVITATION_MS,
      'approval of a device': CONFIRM_MS,
      'provisional device': STORED_WITHIN_MS,
    };
    if (what === 'session of an idle device') {
      const became = phone.connect();
      if (isIdle && became === 'connected') throw new Error('an idle device became active by a clock');
      if (became === 'connected' && ran > IDLE_MS) throw new Error('a device that was away came in');
      isIdle = became === 'away';
      if (became === 'connected') {
        phone.hangUp();
        ran = 0;
      }
      if (isIdle) ended += 1;
    } else if (ran >= limit[what]) {
      if (await isValid(world, phone, what)) throw new Error(`valid too long: ${what}`);
      ended += 1;
      break;
    }
  }
  world.db.close();
  return ended;
}

function move(world: World, one: Tick): number {
  if (one.is === 'jump') {
    world.clock.jump(one.ms);
    return 0;
  }
  if (one.is === 'sleep' && one.stands) {
    world.suspend(8 * HOUR);
    return 0;
  }
  const ms = one.is === 'run' ? one.ms : 8 * HOUR;
  world.clock.advance(ms);
  return ms;
}

async function prepare(world: World, phone: TestDevice, what: Case): Promise<void> {
  const made = await world.identity.handlers['identity.createInvitation']({ scope: 'approve' }, owner);
  phone.scan(made.text);
  if (what === 'invitation') return;
  phone.prove(phone.lookUp(), 'none');
  if (what === 'approval of a device') return;
  await approve(world, phone);
  if (what === 'provisional device') return;
  phone.sayStored();
  phone.hangUp();
}

async function approve(world: World, phone: TestDevice): Promise<boolean> {
  const device = world.identity.devices().find(({ state }) => state === 'pending');
  if (!device) return false;
  const code = phone.checkCode;
  await world.identity.handlers['identity.approveDevice']({ deviceId: device.id, code }, owner);
  return true;
}

async function isValid(world: World, phone: TestDevice, what: Case): Promise<boolean> {
  if (what === 'invitation') return phone.lookUp()?.isProven === true;
  if (what === 'approval of a device') return approve(world, phone);
  return phone.connect() === 'connected';
}

export async function runClockCampaign(runs: number): Promise<string> {
  const ended: Record<Case, number> = {
    invitation: 0,
    'approval of a device': 0,
    'provisional device': 0,
    'session of an idle device': 0,
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CASES), ticks, fc.boolean(), async (what, wind, restart) => {
      ended[what] += await windClock(what, wind, restart);
    }),
    { numRuns: runs },
  );
  const told = CASES.map((one) => `${one}: ${ended[one]} ends seen`).join(', ');
  return `clock: ${runs} windings of ±10 years, DST, suspend of 8 h (${told}), 0 wrongly valid\n`;
}
