import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectControl, type ControlClient } from '../../main/cli/control-client.ts';
import { seeded } from '../../main/testing/seeded.ts';
import { until } from '../support/until.ts';
import { within } from '../support/within.ts';
import { descendants, processesNaming, stillAlive } from '../support/process-tree.ts';
import { askCli, runCli } from '../support/run-cli.ts';
import { testHome, testRepository, testServe } from './host-test.ts';

const ROUNDS = 20;
const IN_FLIGHT = 6;
const MOST_ACKNOWLEDGED = 40;
const PROGRAM = process.execPath;

interface Kept {
  readonly type: string;
  readonly object: string;
}

/**
 * Adds and removes agents, several at once, and keeps what the host has acknowledged, until it has acknowledged
 * `deadline` commands; then `kill` is called while others are under way.
 */
async function work(
  client: ControlClient,
  round: number,
  deadline: number,
  kill: () => void,
): Promise<Kept[]> {
  const acknowledged: Kept[] = [];
  let count = 0;
  const worker = async (number: number) => {
    for (let i = 0; ; i += 1) {
      const name = `r${round}-w${number}-${i}`;
      for (const [type, call] of [
        ['agent.added', () => client.call('agents.add', { name, argv: [PROGRAM] })],
        ['agent.removed', () => client.call('agents.remove', { name })],
      ] as const) {
        const reply = await call();
        if (!reply.ok) {
          if (reply.error.code === 'unavailable') return;
          throw new Error(`${type} ${name}: ${reply.error.message}`);
        }
        acknowledged.push({ type, object: name });
        count += 1;
        if (count === deadline) kill();
      }
    }
  };
  if (deadline === 0) kill();
  await Promise.all(Array.from({ length: IN_FLIGHT }, (_, number) => worker(number)));
  return acknowledged;
}

/** Every record of the export, which is verified by the command line. */
async function verifiedRecords(home: string, name: string): Promise<Set<string>> {
  const file = join(home, name);
  await askCli(home, ['audit', 'export', '--out', file]);
  const verdict = await runCli(home, ['audit', 'verify', file, '--json']);
  expect(verdict).toMatchObject({ code: 0, json: { verdict: 'ok' } });
  // Behind the number and the hash stands the record.
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ').slice(2).join(' '));
  return new Set(lines.map((line) => keyOf(JSON.parse(line) as Kept)));
}

const keyOf = ({ type, object }: Kept): string => `${type} ${object}`;

test(
  'no acknowledged record is lost when the host is killed at any point',
  { timeout: 120_000 },
  async () => {
    const home = testHome('secrets:\n  store: file\n');
    const random = seeded(20_261_121);
    const acknowledged: Kept[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const host = await testServe(home);
      const deadline = random(MOST_ACKNOWLEDGED);
      const client = await connectControl(home, { hello: 1, as: 'owner' });
      const kept = await within(
        20_000,
        `round ${round}`,
        work(client, round, deadline, () => process.kill(host.pid, 'SIGKILL')),
      );
      expect(await host.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(kept.length).toBeGreaterThanOrEqual(deadline);
      acknowledged.push(...kept);
      const again = await testServe(home);
      const records = await verifiedRecords(home, `round-${round}.txt`);
      expect(acknowledged.filter((one) => !records.has(keyOf(one)))).toEqual([]);
      expect(await askCli(home, ['status'])).toMatchObject({ audit: { state: 'ok' } });
      // A host takes a limited number of agents, and those that were under way are left over.
      const { agents } = await askCli<{ agents: { name: string; source: string }[] }>(home, [
        'agents',
        'list',
      ]);
      const cleaner = await connectControl(home, { hello: 1, as: 'owner' });
      const left = agents.filter(({ source }) => source === 'user');
      await Promise.all(left.map(({ name }) => cleaner.call('agents.remove', { name })));
      process.kill(again.pid, 'SIGKILL');
      await again.exited;
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  },
);

interface TaskFacts {
  readonly id: string;
  readonly state: string;
}
interface ApprovalFacts extends TaskFacts {
  readonly reason?: string;
  readonly taskId: string | null;
}

test('after a crash no task and no approval is lost, nothing runs on, and nothing is done twice', async () => {
  const home = testHome();
  const folder = testRepository({ 'README.md': 'old words\n' });
  const host = await testServe(home);
  await askCli(home, ['workspace', 'add', folder, '--name', 'site']);
  const submit = (text: string) =>
    askCli<TaskFacts>(home, ['task', 'submit', '--agent', 'demo', '--workspace', 'site', text]);
  const read = await submit('Read README.md');
  const state = async (id: string) => (await askCli<TaskFacts>(home, ['task', 'show', id])).state;
  await until('the first task is done', async () => (await state(read.id)) === 'done');
  const waiting = await submit('In README.md replace "old words" with "new words"');
  await until('the second task waits', async () => (await state(waiting.id)) === 'waiting');
  const pending = (await askCli<{ approvals: ApprovalFacts[] }>(home, ['approvals', 'list'])).approvals;
  expect(pending).toMatchObject([{ state: 'pending', taskId: waiting.id }]);
  // The same folder is busy, so this one waits in the queue.
  const queued = await submit('Append the line "more" to README.md');
  expect(await state(queued.id)).toBe('queued');
  await askCli(home, ['pause']);
  const marker = `crash-${process.pid}-${Date.now()}`;
  await askCli(home, ['run', 'web', '--ready', 'up', '--shell', `sleep 600 & : ${marker}; echo up; wait`]);
  await askCli(home, ['wait', 'web', '--ready', '--timeout', '20s']);
  const children = descendants(host.pid);
  expect(children.some(({ command }) => command.includes('demo-agent'))).toBe(true);
  expect(processesNaming(marker).length).toBeGreaterThan(0);

  process.kill(host.pid, 'SIGKILL');
  await host.exited;
  const again = await testServe(home);
  const agents = children.filter(({ command }) => command.includes('demo-agent'));
  await until('the agents of the dead host are ended', () => stillAlive(agents).length === 0);
  const { processes } = await askCli<{ processes: { name: string; state: string; adopted?: true }[] }>(home, [
    'ps',
  ]);
  expect(processes).toMatchObject([{ name: 'web', state: 'ready', adopted: true }]);
  expect(processesNaming(marker).length).toBeGreaterThan(0);

  expect(await state(read.id)).toBe('done');
  expect(await state(waiting.id)).toBe('interrupted');
  expect(await state(queued.id)).toBe('queued');
  const after = (await askCli<{ approvals: ApprovalFacts[] }>(home, ['approvals', 'list'])).approvals;
  expect(after).toMatchObject([{ id: pending[0]?.id, state: 'cancelled', taskId: waiting.id }]);
  expect(after[0]?.reason ?? '').not.toBe('');
  expect(await askCli(home, ['status'])).toMatchObject({ host: { mode: 'paused' } });
  const late = await runCli(home, ['approvals', 'allow', pending[0]?.id ?? '', '--json']);
  expect(late.code).not.toBe(0);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('old words\n');

  // What was queued goes on when the owner lets it.
  await askCli(home, ['resume']);
  await until('the queued task asks', async () => (await state(queued.id)) === 'waiting');
  const { approvals } = await askCli<{ approvals: ApprovalFacts[] }>(home, ['approvals', 'list']);
  const next = approvals.find((one) => one.state === 'pending');
  await askCli(home, ['approvals', 'allow', next?.id ?? '']);
  await until('the queued task is done', async () => (await state(queued.id)) === 'done');
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('old words\nmore\n');
  await again.stop();
  expect(processesNaming(home)).toEqual([]);
  expect(processesNaming(marker)).toEqual([]);
});
