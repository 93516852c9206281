import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase, type Database } from '../../kernel/database.ts';
import type { SecretStore } from '../../kernel/ports.ts';
import { bench, owner } from '../../testing/agents-bench.ts';
import { memorySecrets, silentLog } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createDefinitions } from './definitions.ts';
import { createEnvironments } from './environments.ts';

const VALUE = 'a-value-that-is-nowhere-else-1234567890';
const SECRET = 'agent-env-mine';
const ENV = { MY_URL: 'https://example.com', MY_API_KEY: VALUE };

const argv = ['/bin/sh', '-c', 'echo "$MY_API_KEY $MY_URL"'];
/** A row as versions before this one wrote it. */
function writeOldRow(db: Database): void {
  const body = JSON.stringify({ name: 'mine', title: 'Mine', argv, env: ENV, inherit: [] });
  db.run('INSERT INTO agents (name, body) VALUES (?, ?)', 'mine', body);
}
const rowOf = (db: Database) => String(db.get('SELECT body FROM agents')?.['body'] ?? '');

async function printed(agents: ReturnType<typeof bench>['agents']): Promise<string> {
  const running = await agents.launch('mine', { cwd: '/', label: 'test' });
  let text = '';
  running.stdout.on('data', (chunk: Uint8Array) => (text += Buffer.from(chunk).toString()));
  await running.exited;
  return text;
}

/** A store that does not answer while it is locked, like a keyring. */
function lockableSecrets() {
  const store = memorySecrets();
  let locked = false;
  const open = () => (locked ? Promise.reject(new Error('the keyring does not answer')) : Promise.resolve());
  const secrets: SecretStore = {
    kind: 'keyring',
    get: (name) => open().then(() => store.get(name)),
    set: (name, value) => open().then(() => store.set(name, value)),
    delete: (name) => open().then(() => store.delete(name)),
  };
  return { secrets, lock: (next: boolean) => void (locked = next) };
}

test('values that an earlier version wrote into the database are moved, and no byte of them stays in its files', async () => {
  const folder = temporaryFolder('agents-db');
  const file = join(folder, 'state.db');
  const db = openDatabase(file);
  writeOldRow(db);
  // An older copy of the row, in a page that is free by now.
  db.run('UPDATE agents SET body = ? WHERE name = ?', `${rowOf(db)}${' '.repeat(9000)}`, 'mine');
  db.run('UPDATE agents SET body = trim(body)');
  const bytes = () =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('');
  expect(bytes()).toContain(VALUE);
  const { agents, secrets } = bench({ db });
  await agents.start();
  expect(JSON.parse(rowOf(db))).toEqual({
    ...{ name: 'mine', title: 'Mine', argv, inherit: [] },
    envNames: ['MY_API_KEY', 'MY_URL'],
  });
  expect(bytes()).not.toContain(VALUE);
  expect(Buffer.from((await secrets.get(SECRET)) ?? []).toString()).toContain(VALUE);
  expect(await printed(agents)).toBe(`${VALUE} https://example.com\n`);
  db.close();
});

test('while the store does not answer an agent is shown as unreadable and not started, then it is back', async () => {
  const { secrets, lock } = lockableSecrets();
  const db = openDatabase(':memory:');
  const first = bench({ db, secrets });
  await first.add('mine', argv, { env: ENV });
  expect(rowOf(db)).not.toContain(VALUE);
  lock(true);
  const { agents, started, events } = bench({ db, secrets });
  await agents.start();
  expect(events).toContainEqual({
    type: 'agent.changed',
    agent: expect.objectContaining({ name: 'mine', state: 'unreadable' }) as object,
  });
  await expect(agents.launch('mine', { cwd: '/', label: 'test' })).rejects.toMatchObject({
    ...{ code: 'unavailable', message: /cannot be read from the store of secrets/ },
  });
  expect(started).toEqual([]);
  lock(false);
  expect(await printed(agents)).toBe(`${VALUE} https://example.com\n`);
});

test('an agent whose values cannot be kept is not added, and one that is removed leaves nothing behind', async () => {
  const { secrets, lock } = lockableSecrets();
  const { add, agents, db, named } = bench({ secrets });
  const failing: SecretStore = { ...secrets, set: () => Promise.reject(new Error('full')) };
  const other = bench({ db, secrets: failing });
  await expect(other.add('mine', argv, { env: ENV })).rejects.toThrow('full');
  expect(await named('mine')).toBeUndefined();
  await add('mine', argv, { env: ENV });
  expect(await secrets.get(SECRET)).not.toBeNull();
  await agents.handlers['agents.remove']({ name: 'mine' }, owner);
  expect(await secrets.get(SECRET)).toBeNull();
  lock(true);
  expect(await named('mine')).toBeUndefined();
});

test.each([
  ['nothing', null],
  ['something that is no JSON', 'x'],
  ['the values of another definition', JSON.stringify({ v: 1, env: { OTHER: 'x' } })],
  ['a part of them', JSON.stringify({ v: 1, env: { MY_API_KEY: VALUE } })],
  ['a newer form', JSON.stringify({ v: 2, env: ENV })],
])('%s in the store is never taken for its environment', async (_what, stored) => {
  const db = openDatabase(':memory:');
  const secrets = memorySecrets();
  await bench({ db, secrets }).add('mine', argv, { env: ENV });
  if (stored === null) await secrets.delete(SECRET);
  else await secrets.set(SECRET, Buffer.from(stored));
  const { named } = bench({ db, secrets });
  expect(await named('mine')).toMatchObject({ state: 'unreadable', envNames: ['MY_API_KEY', 'MY_URL'] });
});

test('wherever the host or its store fails while values are moved, they are whole afterwards and moved next time', async () => {
  let failures = 0;
  for (let failing = 0; failing < 6; failing += 1) {
    const db = openDatabase(':memory:');
    writeOldRow(db);
    const store = memorySecrets();
    let calls = 0;
    const step = <T>(work: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls - 1 !== failing) return work();
      failures += 1;
      return Promise.reject(new Error('power is off'));
    };
    const secrets: SecretStore = {
      kind: 'memory',
      get: (name) => step(() => store.get(name)),
      set: (name, value) => step(() => store.set(name, value)),
      delete: (name) => step(() => store.delete(name)),
    };
    const made = (given: SecretStore) => {
      const definitions = createDefinitions(db);
      return {
        definitions,
        environments: createEnvironments({ definitions, secrets: given, log: silentLog }),
      };
    };
    const first = made(secrets);
    await first.environments.moveOut();
    const [definition] = first.definitions.all();
    // What can be read is whole, and what cannot be is nothing at all.
    if (definition) expect([null, ENV]).toContainEqual(await first.environments.of(definition));
    const next = made(store);
    await next.environments.moveOut();
    const [after] = next.definitions.all();
    expect(after && (await next.environments.of(after))).toEqual(ENV);
    expect(rowOf(db)).not.toContain(VALUE);
  }
  expect(failures).toBeGreaterThan(1);
});
