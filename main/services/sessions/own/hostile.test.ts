import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionId } from '../../../../contract/ids.ts';
import { OwnStore, Session, TimelineEntry } from '../../../../contract/sessions.ts';
import { ownerCaller } from '../../../kernel/caller.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { sessionsBench as bench, workspaceAt } from '../../../testing/sessions-bench.ts';
import { claudeFormat } from './claude.ts';
import { codexFormat } from './codex.ts';
import { geminiFormat } from './gemini.ts';
import {
  CODEX_ID,
  layOutClaude,
  layOutCodex,
  layOutGemini,
  put,
  storeEnv,
} from '../../../testing/recorded-sessions.ts';
import { sessionIdOf } from './own-session.ts';

const owner = ownerCaller('cli');

function start() {
  const folder = temporaryFolder();
  const work = workspaceAt(join(folder, 'work')).path;
  const made = bench({ folder, on: ['codex', 'claude', 'gemini'], env: storeEnv(folder) });
  const list = () => made.call['sessions.list']({ limit: 500 }, owner);
  return { ...made, folder, work, list };
}

test('files that are no sessions, or only look like some, are counted and break nothing', async () => {
  const { folder, work, list } = start();
  const good = layOutCodex(folder, work);
  const day = join(folder, 'codex', 'sessions', '2026', '11', '21');
  const name = (id: string) => join(day, `rollout-2026-11-21T04-28-02-${id}.jsonl`);
  const head = readFileSync(good, 'utf8').split('\n')[0] ?? '';
  put(name('empty'), '');
  put(
    name('binary'),
    new Uint8Array(4096).map((_, n) => n % 251),
  );
  put(name('notours1'), `${head}\n`);
  put(name('nul00000'), `${head.replaceAll(CODEX_ID, 'nul00000')}\0\n`);
  put(name('no-end00'), head.replaceAll(CODEX_ID, 'no-end00'));
  put(
    name('bad-utf8'),
    Buffer.concat([Buffer.from('{"type":"session_meta","payload":{"id":"'), Buffer.from([0xff, 0xfe, 0x0a])]),
  );
  const shapes = [
    ...['null', '[]', '1', '"x"', '{"type":"session_meta","payload":[]}'],
    '{"type":"session_meta","payload":{"id":7,"cwd":{}}}',
  ];
  shapes.forEach((value, n) => put(name(`shape-00${n}`), `${value}\n`));
  mkdirSync(name('a-folder'));
  symlinkSync(good, name('a-link-0'));
  symlinkSync('/dev/zero', name('a-device'));
  execFileSync('mkfifo', [name('a-pipe-0')]);
  symlinkSync(day, join(folder, 'codex', 'sessions', '2026', '11', '22'));
  const { sessions, notices } = await list();
  expect(sessions.map(({ agentSessionId }) => agentSessionId)).toEqual([CODEX_ID]);
  expect(notices).toMatchObject([{ code: 'unreadable', store: 'codex', count: 12 }]);
});

test('a line of 100 MB is passed over, and what stands before and behind it is read', async () => {
  const { folder, work, call, clock } = start();
  const file = layOutCodex(folder, work);
  const answer = (text: string) =>
    `${JSON.stringify({ type: 'response_item', payload: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] } })}\n`;
  truncateSync(file, readFileSync(file).length + 100 * 1024 * 1024);
  appendFileSync(file, `\n${answer('behind it')}`);
  clock.advance(5000);
  const before = process.memoryUsage().rss;
  const page = await call['sessions.timeline'](
    { sessionId: SessionId.parse(`own-codex-${CODEX_ID}`), limit: 100 },
    owner,
  );
  const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
  expect(page.entries.at(-1)).toMatchObject({ kind: 'message', text: 'behind it\n\n' });
  expect(page.entries).toHaveLength(7);
  expect(page.unreadable).toBe(1);
  expect(grownMiB).toBeLessThan(80);
});

test('an id of an agent that could not stand in a file name never becomes one of ours', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...OwnStore.options),
      fc.string({ unit: 'binary', maxLength: 200 }),
      (store, id) => {
        const made = sessionIdOf(store, id);
        if (made !== null) {
          expect(made).toMatch(/^[A-Za-z0-9_-]{23,128}$/);
          expect(made.endsWith(id)).toBe(true);
        } else expect(/^[A-Za-z0-9_-]{16,100}$/.test(id)).toBe(false);
      },
    ),
  );
  for (const id of [
    '../../../etc/passwd',
    'a/b/c/d/e',
    'a\\b\\c\\d\\e',
    '........',
    'with space',
    '-\n-------',
    `x${'y'.repeat(100)}`,
  ])
    expect(sessionIdOf('codex', id)).toBeNull();
});

const FORMATS = [codexFormat, claudeFormat, geminiFormat];
const LAY_OUT = { codex: layOutCodex, claude: layOutClaude, gemini: layOutGemini };

/** Values of a real session with one of them changed to anything. */
function changed(value: unknown, steps: readonly number[], by: unknown): unknown {
  if (typeof value !== 'object' || value === null || steps.length === 0) return by;
  const keys = Object.keys(value);
  const [step = 0, ...rest] = steps;
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return by;
  const inner = changed((value as Record<string, unknown>)[key], rest, by);
  return Array.isArray(value)
    ? value.map((one: unknown, n) => (String(n) === key ? inner : one))
    : { ...value, [key]: inner };
}

test('recorded sessions with anything changed in them give entries of the contract or nothing, never an error', () => {
  const folder = temporaryFolder();
  let runs = 0;
  for (const format of FORMATS) {
    const file = LAY_OUT[format.store as keyof typeof LAY_OUT](folder, '/work');
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    fc.assert(
      fc.property(
        fc.nat({ max: lines.length - 1 }),
        fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
        fc.oneof(fc.jsonValue(), fc.constant(undefined)),
        (at, steps, by) => {
          runs += 1;
          const values = lines.map((line, n) => (n === at ? changed(line, steps, by) : line));
          const facts = format.facts(values, {
            relative: `p/chats/x-${CODEX_ID}.jsonl`,
            projectRoot: '/work',
          });
          if (facts !== null && facts !== 'hidden') {
            expect(typeof facts.id).toBe('string');
            expect(typeof facts.cwd).toBe('string');
            expect(new Date(facts.createdAt).toISOString()).toMatch(/Z$/);
            Session.shape.usage.parse(facts.usage);
          }
          const reader = format.reader();
          for (const value of values) {
            Session.shape.usage.parse(format.usage(value));
            for (const one of reader.push(value))
              TimelineEntry.parse({ ...one.entry, seq: 0, at: new Date(one.at ?? 0).toISOString() });
          }
        },
      ),
      { numRuns: 400 },
    );
  }
  process.stdout.write(`agents' own sessions: ${runs} changed recordings, 0 errors\n`);
});

test('a store of 600 sessions is listed in a moment, and again from what is known of it', async () => {
  const { folder, work, list, clock } = start();
  for (let n = 0; n < 600; n += 1) layOutCodex(folder, work, `c0000000-${String(n).padStart(6, '0')}`);
  const began = performance.now();
  expect((await list()).sessions).toHaveLength(500);
  const first = performance.now() - began;
  clock.advance(5000);
  const again = performance.now();
  await list();
  const second = performance.now() - again;
  process.stdout.write(
    `own sessions list: 600 files, first ${first.toFixed(0)} ms, again ${second.toFixed(0)} ms\n`,
  );
  expect(second).toBeLessThan(first);
});
