import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { OutputOf } from '../../../contract/commands.ts';
import { ActionRunId } from '../../../contract/ids.ts';
import { predefinedCommands, type ActionRun } from '../../../contract/predefined.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { handClock } from '../../testing/fake-ports.ts';
import { createActionRun, type ActionEnd, type ActionWitness } from './action-run.ts';
import { groupMembers } from '../../testing/real-processes.ts';
import { taskBench, type Bench, type BenchOptions } from '../../testing/tasks-bench.ts';

const owner = ownerCaller('cli');
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

/** A host with one predefined command `job`, a shell script. */
async function bench(script: string, options: BenchOptions & { risk?: 'low' | 'high' } = {}) {
  const job = {
    ...{ name: 'job', argv: ['sh', '-c', script], workspace: 'ws-1', cwd: '.', timeoutMs: 60_000 },
    risk: options.risk ?? 'low',
  };
  const made = await taskBench({ argv: ['/bin/true'], actions: [job], ...options });
  benches.push(made);
  made.tasks.start();
  const { handlers } = made.tasks;
  const read = async (runId: ActionRunId, input: object = {}) =>
    handlers['tasks.readActionOutput'](
      predefinedCommands['tasks.readActionOutput'].input.parse({ runId, ...input }),
      owner,
    );
  const start = async () => handlers['tasks.startAction']({ name: 'job', whenUnread: 'continue' }, owner);
  return { ...made, handlers, read, start };
}

type Piece = OutputOf<'tasks.readActionOutput'>;

/** Reads on from piece to piece until one fits. */
async function readUntil(
  read: (runId: ActionRunId, input: object) => Promise<Piece>,
  first: ActionRun,
  fits: (text: string, run: ActionRun) => boolean,
): Promise<{ text: string; run: ActionRun; offset: number }> {
  let [text, run, offset] = ['', first, 0];
  while (!fits(text, run)) {
    const piece = await read(first.id, { offset, wait: { state: run.state, ms: 25_000 } });
    text += piece.text;
    ({ run, nextOffset: offset } = piece);
  }
  return { text, run, offset };
}

test('what a command prints is there while it runs, redacted, and the rest when it has ended', async () => {
  const on = await bench(
    'echo one hunter2hunter2; while [ ! -e go ]; do sleep 0.02; done; echo two >&2; exit 3',
  );
  const started = await on.start();
  expect(started).toMatchObject({ state: 'waiting', name: 'job', startedBy: 'owner:cli' });
  const early = await readUntil(on.read, started, (text) => text.includes('\n'));
  expect(early.text).toBe('one [redacted]\n');
  expect(early.run).toMatchObject({ state: 'running', approvalId: null });
  writeFileSync(join(on.folder, 'go'), '');
  const late = await readUntil(on.read, started, (_text, run) => run.state === 'ended');
  expect(late.text).toBe('one [redacted]\ntwo\n');
  expect(late.run).toMatchObject({ state: 'ended', exitCode: 3, timedOut: false, stopped: false });
  expect((await on.handlers['tasks.actionRuns']({}, owner)).runs).toEqual([late.run]);
});

test('a run can be stopped with all that it started, and the one who stops it is on record', async () => {
  const on = await bench('echo $$ > group; sleep 600 & echo begun; wait');
  const started = await on.start();
  await readUntil(on.read, started, (text) => text.includes('begun'));
  const group = Number(readFileSync(join(on.folder, 'group'), 'utf8'));
  expect(groupMembers(group)).toBeGreaterThan(1);
  const stopped = await on.handlers['tasks.stopAction']({ runId: started.id }, owner);
  expect(stopped).toMatchObject({ state: 'ended', stopped: true, timedOut: false });
  expect(groupMembers(group)).toBe(0);
  expect(on.records).toContainEqual({ actor: 'owner:cli', type: 'action.stopped', object: 'job' });
  expect(await on.handlers['tasks.stopAction']({ runId: started.id }, owner)).toEqual(stopped);
});

test('one that waits for a person can be withdrawn, and one that is denied says why; neither has run', async () => {
  const never = new Promise<'allow'>(() => {});
  const waits = await bench('touch ran', { risk: 'high', answer: () => never });
  const started = await waits.start();
  expect(await waits.handlers['tasks.stopAction']({ runId: started.id }, owner)).toMatchObject({
    ...{ state: 'refused', code: 'refused' },
    reason: expect.stringContaining('the asker is gone') as string,
  });
  const denied = await bench('touch ran', { risk: 'high', answer: 'deny' });
  const first = await denied.start();
  const { run } = await readUntil(denied.read, first, (_text, { state }) => state === 'refused');
  expect(run).toMatchObject({ code: 'refused', reason: 'the command job was not allowed: no' });
  expect([waits, denied].map(({ folder }) => existsSync(join(folder, 'ran')))).toEqual([false, false]);
});

test('a reader that comes late to a long output gets both ends and is told what is missing', async () => {
  const on = await bench('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last');
  const started = await on.start();
  await readUntil(on.read, started, (_text, { state }) => state === 'ended');
  let [offset, missing, text] = [0, 0, ''];
  for (;;) {
    const piece = await on.read(started.id, { offset, maxBytes: 262_144 });
    missing += piece.offset - offset;
    text += piece.text;
    offset = piece.nextOffset;
    if (offset === piece.end) break;
  }
  expect(offset).toBe(3_000_012);
  expect(missing).toBe(3_000_012 - 1024 * 1024);
  expect(text).toMatch(/^first\nx+\nlast\n$/);
});

test('runs that have ended are forgotten when there are newer ones, and no more than eight go on', async () => {
  const on = await bench('test -e hold && while :; do sleep 0.05; done; true');
  const first = await on.start();
  await readUntil(on.read, first, (_text, { state }) => state === 'ended');
  for (let count = 0; count < 16; count += 1) await on.handlers['tasks.runAction']({ name: 'job' }, owner);
  await expect(on.read(first.id)).rejects.toMatchObject({ code: 'not_found' });
  expect((await on.handlers['tasks.actionRuns']({}, owner)).runs).toHaveLength(16);
  writeFileSync(join(on.folder, 'hold'), '');
  for (let count = 0; count < 8; count += 1) await on.start();
  await expect(on.start()).rejects.toMatchObject({ code: 'too_many' });
});

test('a run that is there for its reader alone is stopped when nobody has read it for 30 s', async () => {
  const clock = handClock();
  const first = { id: ActionRunId.parse('run-1'), name: 'job', startedBy: 'owner:cli' };
  const seen: ActionWitness[] = [];
  const until = (signal: AbortSignal) =>
    new Promise<ActionEnd>((resolve) => {
      const end = { exitCode: null, signal: 'SIGTERM', timedOut: false, durationMs: 1 };
      signal.addEventListener('abort', () => resolve(end));
    });
  const make = (whenUnread: 'stop' | 'continue') =>
    createActionRun({ clock }, first, whenUnread, (witness) => {
      seen.push(witness);
      witness.started(null);
      return until(witness.signal);
    });
  const [alone, goesOn] = [make('stop'), make('continue')];
  const read = { runId: first.id, offset: 0, maxBytes: 1024 };
  clock.advance(29_000);
  const waiting = alone.read({ ...read, wait: { state: 'running', ms: 25_000 } });
  clock.advance(25_000);
  expect((await waiting).run.state).toBe('running');
  clock.advance(29_999);
  expect(seen.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  clock.advance(1);
  await alone.over;
  expect(alone.facts()).toMatchObject({ state: 'ended', stopped: true });
  expect(goesOn.facts().state).toBe('running');
});
