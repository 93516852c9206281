import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, forever, owner, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

function projectFile(text: string, name = 'signalbox.yaml'): string {
  const file = join(bench.folder, name);
  writeFileSync(file, text);
  return file;
}

test('up starts dependencies first and waits until they are ready; down stops dependents first', async () => {
  const file = projectFile(`
session: demo
processes:
  web: { cmd: 'echo web; ${forever}', depends_on: [api] }
  api: { cmd: 'sleep 0.1; echo listening; ${forever}', ready: listening, depends_on: [db, seed] }
  db: { cmd: [/bin/sh, -c, '${forever}'] }
  seed: { cmd: exit 0 }
`);
  const { processes } = await bench.call['supervisor.up']({ file: bench.folder }, owner);
  expect(processes.map(({ process }) => process.name).sort()).toEqual(['api', 'db', 'seed', 'web']);
  expect(processes.every(({ outcome }) => outcome === 'started')).toBe(true);
  const order = bench.audit.filter((entry) => entry.type === 'process.started').map((entry) => entry.object);
  expect(order.slice(2)).toEqual(['api', 'web']);
  expect(bench.state('web')).toMatchObject({ project: file, definition: { cwd: bench.folder } });
  expect(bench.log('web', 'stderr')).toContain('`session` has no effect');

  const again = await bench.call['supervisor.up']({ file, only: ['web'] }, owner);
  expect(
    again.processes
      .filter(({ outcome }) => outcome === 'unchanged')
      .map((one) => one.process.name)
      .sort(),
  ).toEqual(['api', 'db', 'web']);
  rmSync(file);
  const { stopped } = await bench.call['supervisor.down']({ file }, owner);
  // The second `up` ran the seed again; whether it has ended by itself yet is its own affair.
  expect(stopped.filter((name) => name !== 'seed')).toEqual(['web', 'api', 'db']);
});

test('up with "only" starts what is needed too and nothing else', async () => {
  const file = projectFile(`
processes:
  a: { cmd: '${forever}', depends_on: [b] }
  b: { cmd: '${forever}' }
  c: { cmd: '${forever}' }
`);
  await bench.call['supervisor.up']({ file, only: ['a'] }, owner);
  expect(
    bench.supervisor
      .snapshot()
      .map((one) => one.name)
      .sort(),
  ).toEqual(['a', 'b']);
  await expect(bench.call['supervisor.up']({ file, only: ['x'] }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('what depends on a process that does not come up is not started and the error says why', async () => {
  const file = projectFile(`
processes:
  bad: { cmd: 'echo cannot bind; exit 1', ready: up }
  web: { cmd: 'touch started; ${forever}', depends_on: [bad] }
  other: { cmd: '${forever}' }
`);
  await expect(bench.call['supervisor.up']({ file }, owner)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'bad: ended with code 1 before it was ready: cannot bind; not started because of that: web',
    data: { failed: ['bad'], notStarted: ['web'], running: ['other'] },
  });
  expect(existsSync(join(bench.folder, 'started'))).toBe(false);
});

test('a process of another project is not taken over', async () => {
  await bench.call['supervisor.up'](
    { file: projectFile(`processes: { web: { cmd: '${forever}' } }`) },
    owner,
  );
  const other = projectFile(`processes: { web: { cmd: sleep 61 } }`, 'other.yaml');
  await expect(bench.call['supervisor.up']({ file: other }, owner)).rejects.toMatchObject({
    code: 'conflict',
  });
});
