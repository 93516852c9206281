import { appendFileSync, existsSync, mkdtempSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteSource } from '../../../contract/byte-stream.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { SessionId } from '../../../contract/ids.ts';
import { TaskId, WorkspaceId } from '../../../contract/ids.ts';
import { TimelineEntry } from '../../../contract/sessions.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import type { Clock } from '../../kernel/ports.ts';
import { cutPoint } from './message-buffer.ts';
import { createSessions } from './sessions.ts';

const owner = ownerCaller('cli');
const DAY = 24 * 3_600_000;

/** A clock that is moved by hand. */
function handClock() {
  let now = 1_800_000_000_000;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const advance = (ms: number) => {
    now += ms;
    for (const timer of [...timers].filter((one) => one.at <= now)) {
      timers.delete(timer);
      timer.run();
    }
  };
  return { clock, advance };
}

function bench(from: { db?: ReturnType<typeof openDatabase>; folder?: string } = {}) {
  const folder = from.folder ?? mkdtempSync(join(tmpdir(), 'signalbox-sessions-'));
  const db = from.db ?? openDatabase(':memory:');
  const { clock, advance } = handClock();
  const events: HostEvent[] = [];
  const grown: string[] = [];
  const finders: ((source: ByteSource) => string | null)[] = [];
  let count = 0;
  const sessions = createSessions({
    db,
    publish: (event) => void events.push(event),
    clock,
    random: { bytes: (n) => new Uint8Array(n), id: () => `s${(count += 1)}` },
    streams: { locate: (_kind, find) => void finders.push(find), grown: (file) => void grown.push(file) },
    timelinesDir: folder,
    audit: { append: async () => {} },
    log: { info() {}, warn() {}, error() {} },
    sanitize: (text) => text.replaceAll('hunter2', '[redacted]'),
  });
  const open = (title = 'a title') =>
    sessions.open({
      agent: 'demo',
      agentSessionId: 'their-id',
      workspaceId: WorkspaceId.parse('w1'),
      taskId: TaskId.parse('t1'),
      title,
    });
  const lines = (id: string) =>
    readFileSync(join(folder, `${id}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => TimelineEntry.parse(JSON.parse(line)));
  return { sessions, folder, db, advance, events, grown, finders, open, lines };
}

test('chunks of a message are joined until the turn goes on, and every entry is one private line', async () => {
  const { sessions, open, lines, folder, grown } = bench();
  const { id } = await open();
  for (const text of ['Hel', 'lo ', 'world']) sessions.append(id, { kind: 'message', text });
  sessions.append(id, { kind: 'thought', text: 'hm' });
  sessions.append(id, { kind: 'plan', entries: [{ text: 'step', state: 'pending' }] });
  expect(lines(id)).toMatchObject([
    { seq: 0, kind: 'message', text: 'Hello world' },
    { seq: 1, kind: 'thought', text: 'hm' },
    { seq: 2, kind: 'plan' },
  ]);
  expect(statSync(join(folder, `${id}.jsonl`)).mode & 0o777).toBe(0o600);
  expect(grown).toHaveLength(3);
});

test('a message that pauses is written after 100 ms, cut after a blank so that no secret is split', async () => {
  const { sessions, open, lines, advance } = bench();
  const { id } = await open();
  sessions.append(id, { kind: 'message', text: 'the password is hun' });
  advance(100);
  expect(lines(id)).toMatchObject([{ text: 'the password is ' }]);
  sessions.append(id, { kind: 'message', text: 'ter2 and more' });
  sessions.flush(id);
  expect(lines(id).map((entry) => ('text' in entry ? entry.text : ''))).toEqual([
    'the password is ',
    '[redacted] and more',
  ]);
});

test('cutting anywhere loses nothing and never opens a private key', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', ' ', '\n', '-----BEGIN K-----', '-----END K-----'), { maxLength: 40 }),
      (parts) => {
        const text = parts.join('');
        const cut = cutPoint(text);
        expect(cut).toBeGreaterThanOrEqual(0);
        expect(cut).toBeLessThanOrEqual(text.length);
        const written = text.slice(0, cut);
        const begun = written.lastIndexOf('-----BEGIN');
        if (begun >= 0) expect(written.indexOf('-----END K-----', begun)).toBeGreaterThan(begun);
      },
    ),
  );
});

test('secrets are redacted before they are written, in titles too', async () => {
  const { sessions, open, folder, events } = bench();
  const { id } = await open('use hunter2');
  sessions.append(id, { kind: 'user', text: 'hunter2' });
  sessions.append(id, { kind: 'file', path: 'a', diff: '+hunter2' });
  sessions.append(id, { kind: 'permission', approvalId: 'x', title: 'echo hunter2', outcome: 'asked' });
  expect(readFileSync(join(folder, `${id}.jsonl`), 'utf8')).not.toContain('hunter2');
  expect(JSON.stringify(events)).not.toContain('hunter2');
});

test('a timeline is read in pages', async () => {
  const { sessions, open } = bench();
  const { id } = await open();
  for (let n = 0; n < 5; n += 1) sessions.append(id, { kind: 'state', state: 's', detail: String(n) });
  const page = (afterSeq: number) =>
    sessions.handlers['sessions.timeline']({ sessionId: id, afterSeq, limit: 2 }, owner);
  expect(await page(-1)).toMatchObject({ entries: [{ seq: 0 }, { seq: 1 }], more: true });
  expect(await page(3)).toMatchObject({ entries: [{ seq: 4 }], more: false });
});

test('after a crash open sessions are ended and a torn line is set aside', async () => {
  const before = bench();
  const { id } = await before.open();
  before.sessions.append(id, { kind: 'user', text: 'whole' });
  const file = join(before.folder, `${id}.jsonl`);
  appendFileSync(file, '{"seq":1,"kind":"us');
  const after = bench({ db: before.db, folder: before.folder });
  after.sessions.start();
  expect(after.lines(id)).toHaveLength(1);
  expect(readFileSync(`${file}.torn`, 'utf8')).toBe('{"seq":1,"kind":"us');
  expect(after.events).toMatchObject([{ type: 'session.changed', session: { id, state: 'ended' } }]);
  after.sessions.append(id, { kind: 'user', text: 'late' });
  expect(after.lines(id)).toHaveLength(1);
});

test('a deleted conversation is gone from the list and followers, and its file is kept for 30 days', async () => {
  const { sessions, open, folder, finders, advance } = bench();
  const { id } = await open();
  sessions.append(id, { kind: 'user', text: 'x' });
  const remove = async (sessionId: SessionId) => sessions.handlers['sessions.delete']({ sessionId }, owner);
  await expect(remove(id)).rejects.toMatchObject({ code: 'conflict' });
  sessions.end(id);
  expect(finders[0]?.({ kind: 'timeline', sessionId: id })).toBe(join(folder, `${id}.jsonl`));
  await remove(id);
  expect(finders[0]?.({ kind: 'timeline', sessionId: id })).toBeNull();
  expect(await sessions.handlers['sessions.list']({ limit: 10 }, owner)).toEqual({ sessions: [] });
  const kept = join(folder, 'deleted', `${id}.jsonl`);
  expect(existsSync(kept)).toBe(true);
  advance(29 * DAY);
  sessions.start();
  expect(existsSync(kept)).toBe(true);
  utimesSync(kept, 0, 0);
  sessions.start();
  expect(existsSync(kept)).toBe(false);
});
