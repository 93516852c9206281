import { mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../../contract/byte-stream.ts';
import { HostError } from '../../contract/errors.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import { TaskId, WorkspaceId, type SessionId } from '../../contract/ids.ts';
import { TimelineEntry, type OwnStore } from '../../contract/sessions.ts';
import type { Workspace } from '../../contract/workspaces.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import { handClock } from './fake-ports.ts';
import type { ByteStreams } from '../kernel/byte-streams.ts';
import type { TimelineGate } from '../services/sessions/live-timeline.ts';
import type { LiveSessions } from '../services/sessions/ports.ts';
import { createSessions } from '../services/sessions/sessions.ts';

export interface BenchOptions {
  db?: Database;
  folder?: string;
  /** Stores that are switched on. */
  on?: OwnStore[];
  env?: Record<string, string>;
  live?: Partial<LiveSessions>;
  maxTimelineBytes?: number;
  gate?: TimelineGate;
  streams?: Pick<ByteStreams, 'locate' | 'grown'>;
  workspaces?: Workspace[];
}

const hide = (text: string) => text.replaceAll('hunter2', '[redacted]');

/** Knows one secret, and takes every last word for the beginning of another. */
const fakeGate: TimelineGate = {
  sanitize: hide,
  part: (text, from, to) => hide(text.slice(from, to)),
  settled: (text) => /\s$/.test(text),
};

/** The sessions service on a folder and a database of its own, with a clock that is moved by hand. */
export function sessionsBench(options: BenchOptions = {}) {
  const folder = options.folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-sessions-')));
  const timelines = join(folder, 'timelines');
  mkdirSync(timelines, { recursive: true, mode: 0o700 });
  const db = options.db ?? openDatabase(':memory:');
  const clock = handClock(Date.parse('2027-01-15T08:00:00.000Z'));
  const events: HostEvent[] = [];
  const grown: string[] = [];
  const finders: ((source: ByteSource) => string | null)[] = [];
  const warnings: string[] = [];
  const known = options.workspaces ?? [workspaceAt(join(folder, 'work'))];
  let on = options.on ?? [];
  let count = 0;
  const refuse = () => Promise.resolve(false);
  const sessions = createSessions({
    db,
    publish: (event) => void events.push(event),
    clock,
    random: {
      bytes: (n) => new Uint8Array(n),
      id: () => `s${Date.now()}-${(count += 1)}-${Math.random()}`.replace('.', ''),
    },
    streams: options.streams ?? {
      locate: (_kind, find) => void finders.push(find),
      grown: (file) => void grown.push(file),
    },
    timelinesDir: timelines,
    audit: { append: async () => {} },
    log: {
      info() {},
      warn: (_facts, text) => void warnings.push(text),
      error: (_facts, text) => void warnings.push(text),
    },
    gate: options.gate ?? fakeGate,
    workspaces: {
      all: () => known,
      byId: (id) => known.find((one) => one.id === id) ?? null,
      resolve(ref) {
        const found = known.find((one) => one.id === ref || one.path === ref || one.name === ref);
        if (!found) throw new HostError('not_found', `there is no workspace "${ref}"`);
        return found;
      },
    },
    ownStores: { get: () => on, set: (stores) => void (on = [...stores]) },
    hostEnv: options.env ?? {},
    live: { setMode: refuse, setOption: refuse, cancel: refuse, close: refuse, ...options.live },
    ...(options.maxTimelineBytes !== undefined && { maxTimelineBytes: options.maxTimelineBytes }),
  });
  const fileOf = (id: SessionId) => join(timelines, `${id}.jsonl`);
  return {
    ...{ sessions, folder, timelines, db, events, grown, finders, clock, warnings, fileOf, known },
    ...{ call: sessions.handlers, advance: clock.advance },
    open: (title = 'a title', more: { agent?: string; startedBy?: string } = {}) =>
      sessions.open({
        agent: 'demo',
        agentSessionId: 'their-id',
        workspaceId: WorkspaceId.parse('w1'),
        taskId: TaskId.parse('t1'),
        title,
        ...more,
      }),
    lines: (id: SessionId) =>
      readFileSync(fileOf(id), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => TimelineEntry.parse(JSON.parse(line))),
  };
}

export function workspaceAt(path: string, id = 'w1'): Workspace {
  mkdirSync(path, { recursive: true });
  return {
    id: WorkspaceId.parse(id),
    name: id,
    path: realpathSync(path),
    trusted: false,
    addedAt: '2026-01-01T00:00:00.000Z',
  };
}
