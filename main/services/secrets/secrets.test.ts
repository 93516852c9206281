import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WorkspaceId } from '../../../contract/ids.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import { handClock, memoryAuditor } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { HeldSecret } from './ports.ts';
import { createSecrets } from './secrets.ts';

const DAY_MS = 24 * 3_600_000;
const owner = ownerCaller('desktop');
const pattern = (tag: string): HeldSecret => ({ tag, kind: 'github-pat', origin: 'pattern' });
const here = WorkspaceId.parse('w-here');
const elsewhere = WorkspaceId.parse('w-elsewhere');

function setUp() {
  const clock = handClock();
  const db = openDatabase(join(temporaryFolder(), 'state.db'));
  const audit = memoryAuditor();
  const alerts: string[] = [];
  const make = () =>
    createSecrets({ db, clock, audit, raise: (_kind, message) => void alerts.push(message) });
  const secrets = make();
  const allow = (tag: string, more: { workspaceId?: WorkspaceId; days?: number } = {}) =>
    secrets.handlers['secrets.allow']({ tag, workspaceId: null, note: '', days: 30, ...more }, owner);
  const list = async () => secrets.handlers['secrets.list']({}, owner);
  return { clock, audit, alerts, make, secrets, allow, list };
}

test('hits are counted by tag since the start, the newest first', async () => {
  const { clock, secrets, list } = setUp();
  secrets.held(pattern('aaaaaaaa'), 'log');
  clock.advance(1000);
  secrets.held(pattern('bbbbbbbb'), 'diff');
  clock.advance(1000);
  secrets.held(pattern('aaaaaaaa'), 'output');
  expect((await list()).hits).toEqual([
    {
      tag: 'aaaaaaaa',
      kind: 'github-pat',
      count: 2,
      firstAt: '2026-01-01T00:00:00.000Z',
      lastAt: '2026-01-01T00:00:02.000Z',
      where: 'output',
    },
    expect.objectContaining({ tag: 'bbbbbbbb', count: 1, where: 'diff' }),
  ]);
});

test('of more than a thousand tags the longest unseen are dropped', async () => {
  const { secrets, list } = setUp();
  for (let index = 0; index < 1200; index += 1) {
    secrets.held(pattern(index.toString(16).padStart(8, '0')), 'log');
    secrets.held(pattern('ffffffff'), 'log');
  }
  const { hits } = await list();
  expect(hits).toHaveLength(1000);
  expect(hits[0]).toMatchObject({ tag: 'ffffffff', count: 1200 });
});

test('a value is allowed everywhere or in one workspace, on record, with an alert, and after a restart', async () => {
  const { audit, alerts, secrets, allow, make } = setUp();
  secrets.held(pattern('aaaaaaaa'), 'log');
  secrets.held(pattern('bbbbbbbb'), 'log');
  await allow('aaaaaaaa');
  await allow('bbbbbbbb', { workspaceId: here });
  expect(alerts).toHaveLength(2);
  expect(audit.entries.filter(({ type }) => type === 'secret.allowed')).toEqual([
    expect.objectContaining({ object: 'secret:aaaaaaaa', actor: owner.principal }),
    expect.objectContaining({ object: 'secret:bbbbbbbb' }),
  ]);
  for (const service of [secrets, make()]) {
    expect(service.allowed('aaaaaaaa', null)).toBe(true);
    expect(service.allowed('aaaaaaaa', elsewhere)).toBe(true);
    expect(service.allowed('bbbbbbbb', here)).toBe(true);
    expect(service.allowed('bbbbbbbb', elsewhere)).toBe(false);
    expect(service.allowed('bbbbbbbb', null)).toBe(false);
  }
});

test.each(['own', 'private-key'] as const)(
  'a tag that was once of the origin %s is never allowed',
  async (origin) => {
    const { secrets, allow } = setUp();
    secrets.held({ tag: 'aaaaaaaa', kind: 'x', origin }, 'log');
    secrets.held(pattern('aaaaaaaa'), 'log');
    await expect(allow('aaaaaaaa')).rejects.toMatchObject({ code: 'refused' });
    expect(secrets.allowed('aaaaaaaa', null)).toBe(false);
  },
);

test('a tag that was not seen cannot be allowed, and one that is not allowed cannot be forgotten', async () => {
  const { secrets, allow } = setUp();
  await expect(allow('cccccccc')).rejects.toMatchObject({ code: 'not_found' });
  await expect(
    Promise.resolve(secrets.handlers['secrets.forget']({ tag: 'cccccccc' }, owner)),
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('an allowed value ends with its time, and does not come back with a clock that was put back', async () => {
  const { clock, secrets, allow, list } = setUp();
  secrets.held(pattern('aaaaaaaa'), 'log');
  await allow('aaaaaaaa', { days: 2 });
  clock.advance(2 * DAY_MS - 1);
  expect(secrets.allowed('aaaaaaaa', null)).toBe(true);
  clock.advance(1);
  expect(secrets.allowed('aaaaaaaa', null)).toBe(false);
  expect((await list()).allowed).toEqual([]);
  clock.jump(-30 * DAY_MS);
  expect(secrets.allowed('aaaaaaaa', null)).toBe(false);
});

test('a forgotten value is held back again, in every workspace', async () => {
  const { secrets, allow, audit } = setUp();
  secrets.held(pattern('aaaaaaaa'), 'log');
  await allow('aaaaaaaa');
  await allow('aaaaaaaa', { workspaceId: here });
  await secrets.handlers['secrets.forget']({ tag: 'aaaaaaaa' }, owner);
  expect(secrets.allowed('aaaaaaaa', here)).toBe(false);
  expect(audit.entries.at(-1)).toMatchObject({ type: 'secret.forgotten', object: 'secret:aaaaaaaa' });
});

test('what cannot be put on record is not allowed', async () => {
  const { secrets, allow, audit, alerts } = setUp();
  secrets.held(pattern('aaaaaaaa'), 'log');
  audit.break();
  await expect(allow('aaaaaaaa')).rejects.toThrow('disk full');
  expect(secrets.allowed('aaaaaaaa', null)).toBe(false);
  expect(alerts).toEqual([]);
});

test('hits are put on record once a minute for each tag; a flood shares one record', async () => {
  const { clock, secrets, audit } = setUp();
  const records = () => audit.entries.filter(({ type }) => type === 'secret.hit');
  for (let index = 0; index < 500; index += 1) secrets.held(pattern('aaaaaaaa'), 'log');
  expect(records()).toEqual([]);
  clock.advance(60_000);
  await Promise.resolve();
  expect(records()).toEqual([
    {
      actor: 'host',
      type: 'secret.hit',
      object: 'secret:aaaaaaaa',
      facts: { kind: 'github-pat', where: 'log', count: 500 },
    },
  ]);
  for (let index = 0; index < 80; index += 1) secrets.held(pattern(String(index).padStart(8, '0')), 'diff');
  await secrets.stop();
  expect(records()).toHaveLength(1 + 50 + 1);
  expect(records().at(-1)).toMatchObject({ object: 'secret:others', facts: { count: 30 } });
});
