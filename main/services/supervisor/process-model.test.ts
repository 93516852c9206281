import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ManagedProcess } from '../../../contract/supervisor.ts';
import { shell } from './fakes.ts';
import { definedProcess, isLive, isUp, isWanted, transition, type ProcessEvent } from './process-machine.ts';

const long = process.env['SIGNALBOX_LONG'] === '1';
const SEQUENCES = long ? 2000 : 200;
const STEPS = 50;
const at = '2026-11-21T00:00:00.000Z';

/** What is true of a process in the plainest words; the machine must agree with it after every step. */
interface Model {
  alive: boolean;
  /** A stop was asked for in this life. */
  stopping: boolean;
  /** A restart is planned. */
  planned: boolean;
  pid: number;
  /** Why it has to end, when it is not the wish of a person. */
  because: string | null;
}

const anyEvent: fc.Arbitrary<ProcessEvent> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('spawned' as const),
      pid: fc.integer({ min: 1, max: 9 }),
      at: fc.constant(at),
      restarts: fc.nat(5),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ type: 'became-ready' as const, at }) },
  fc.constant({ type: 'not-ready-in-time' as const, reason: 'slow' }),
  fc.constant({ type: 'health-failed' as const, reason: 'down', at }),
  fc.constant({ type: 'health-recovered' as const, at }),
  fc.record({ type: fc.constant('logs-lost' as const), bytes: fc.integer({ min: 1, max: 9 }) }),
  fc.constantFrom<ProcessEvent>(
    { type: 'stop-requested', at },
    { type: 'stop-requested', at, byHost: true },
    { type: 'stop-requested', at, because: 'db failed' },
  ),
  {
    weight: 3,
    arbitrary: fc.constantFrom<ProcessEvent>(
      { type: 'ended', at, exitCode: 0, signal: null, next: { kind: 'exited' } },
      { type: 'ended', at, exitCode: 1, signal: null, next: { kind: 'retry', retryAt: at } },
      {
        type: 'ended',
        at,
        exitCode: null,
        signal: 'SIGKILL',
        next: { kind: 'failed', reason: 'x', crashLoop: true },
      },
    ),
  },
  fc.constant({ type: 'not-started' as const, reason: 'no', at }),
  fc.constant({ type: 'adopted' as const }),
);

/** The same event in plain words. */
function expectModel(model: Model, event: ProcessEvent): void {
  switch (event.type) {
    case 'spawned':
      if (model.alive) return;
      Object.assign(model, {
        alive: true,
        stopping: false,
        planned: false,
        pid: event.pid,
        because: null,
      });
      return;
    case 'stop-requested':
      if (model.alive && !model.stopping)
        Object.assign(model, { stopping: true, because: event.because ?? null });
      else if (!model.alive) model.planned = false;
      return;
    case 'ended':
      if (!model.alive) return;
      model.planned = !model.stopping && event.next.kind === 'retry';
      Object.assign(model, { alive: false, stopping: false });
      return;
    case 'not-started':
      if (!model.alive) model.planned = false;
      return;
    default:
  }
}

let steps = 0;
let violations = 0;
const seen = new Map<string, number>();

function checkInvariants(
  process: ManagedProcess,
  before: ManagedProcess,
  model: Model,
  event: ProcessEvent,
): void {
  violations += 1;
  // Every status is one of the contract: a live process has a number, an ended one an end, a failed one a reason.
  expect(ManagedProcess.parse(process)).toEqual(process);
  expect(isLive(process)).toBe(model.alive);
  if (isLive(process)) expect(process.pid).toBe(model.pid);
  expect(process.state === 'stopping').toBe(model.stopping);
  expect(process.state === 'backing-off').toBe(model.planned);
  expect(isWanted(process)).toBe((model.alive && !model.stopping) || model.planned);
  if (isUp(process)) expect(isLive(process)).toBe(true);
  // A stop is final: nothing but a new start gets a process out of it.
  if (before.state === 'stopping') expect(['stopping', 'stopped', 'failed']).toContain(process.state);
  if (before.state === 'stopped' && process !== before)
    expect(['starting', 'running', 'failed']).toContain(process.state);
  // Only who was ready can be found unwell, and only who is asked for a sign can be waited for.
  if (process.state === 'ready') expect(process.definition.ready).not.toBeNull();
  if (process.state === 'starting') expect(process.definition.ready).not.toBeNull();
  if (event.type === 'ended' && before.state === 'stopping') {
    expect(process).toMatchObject(
      before.because === undefined ? { state: 'stopped' } : { state: 'failed', reason: before.because },
    );
  }
  // What names a process never changes on its way.
  expect([process.id, process.name]).toEqual([before.id, before.name]);
  violations -= 1;
}

test.each([
  ['with a sign of being ready', { kind: 'text', text: 'up' } as const],
  ['with nothing to wait for', null],
])('a process %s keeps to its invariants whatever happens', (_what, ready) => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: STEPS, maxLength: STEPS }), (events) => {
      let process: ManagedProcess = definedProcess('id', shell('web', 'x', { ready }), null, at);
      const model: Model = {
        alive: false,
        stopping: false,
        planned: false,
        pid: 0,
        because: null,
      };
      for (const event of events) {
        const before = process;
        // A sign of being ready comes only to those who wait for one: the watch of the others never tells.
        if (event.type === 'became-ready' && ready === null) continue;
        process = transition(process, event) ?? process;
        expectModel(model, event);
        checkInvariants(process, before, model, event);
        seen.set(process.state, (seen.get(process.state) ?? 0) + 1);
        steps += 1;
      }
    }),
    { numRuns: SEQUENCES },
  );
});

afterAll(() => {
  process.stdout.write(
    `process model: ${steps} steps, ${violations} violations, ${seen.size} of 9 states seen\n`,
  );
  expect(steps).toBeGreaterThan(10_000);
  expect(seen.size).toBe(9);
});
