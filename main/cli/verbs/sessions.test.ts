import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { value } from '../../testing/journey.ts';
import { CODEX_ID, layOutCodex, storeEnv } from '../../testing/recorded-sessions.ts';
import { workspaceAt } from '../../testing/sessions-bench.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { startTestHost, type TestHost } from '../../testing/test-host.ts';
import { createProgram } from '../program.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function verb({ root }: TestHost, ...args: string[]): Promise<Record<string, unknown>> {
  let out = '';
  const streams = { stdout: (text: string) => void (out += text), stderr: () => {}, terminal: false };
  const words = ['--home', root, '--json', ...args];
  await createProgram(streams, () => {}).parseAsync(words, { from: 'user' });
  return JSON.parse(out) as Record<string, unknown>;
}

test('an agent’s own session is switched on, listed, read, deleted and restored from the command line', async () => {
  vi.stubEnv('XDG_RUNTIME_DIR', undefined);
  const folder = temporaryFolder();
  for (const [name, place] of Object.entries(storeEnv(folder))) vi.stubEnv(name, place);
  const work = workspaceAt(join(folder, 'work')).path;
  const file = layOutCodex(folder, work);
  const host = await startTestHost();
  value(await host.owner.call('workspaces.add', { path: work }));
  const id = `own-codex-${CODEX_ID}`;

  expect(await verb(host, 'sessions', 'list')).toEqual({ sessions: [], next: null, notices: [] });
  expect(await verb(host, 'sessions', 'stores', '--read', 'codex')).toMatchObject({
    stores: [{ store: 'codex', state: 'read', sessions: 1 }, {}, {}, { state: 'off' }],
  });
  expect(readFileSync(join(host.root, 'config.yaml'), 'utf8')).toContain('readOwn');
  expect(await verb(host, 'sessions', 'list', '--origin', 'agent')).toMatchObject({
    sessions: [{ id, origin: 'agent', agent: 'codex', state: 'ended' }],
  });
  const shown = await verb(host, 'sessions', 'show', id);
  expect(shown).toMatchObject({ id, entries: [{ kind: 'user' }, {}, {}, {}, {}, { kind: 'message' }] });
  expect(await verb(host, 'sessions', 'show', id, '--last', '1')).toMatchObject({ entries: [{ seq: 5 }] });

  expect(await verb(host, 'sessions', 'delete', id)).toMatchObject({ state: 'deleted' });
  expect(existsSync(file)).toBe(false);
  const again = await host.restart();
  expect(await verb(again, 'sessions', 'list', '--state', 'deleted')).toMatchObject({ sessions: [{ id }] });
  expect(await verb(again, 'sessions', 'restore', id)).toMatchObject({ state: 'ended' });
  expect(existsSync(file)).toBe(true);
  expect(await verb(again, 'sessions', 'stores', '--read', 'none')).toMatchObject({
    stores: [{ state: 'off' }, {}, {}, {}],
  });
  expect(await verb(again, 'sessions', 'list')).toMatchObject({ sessions: [] });
});
