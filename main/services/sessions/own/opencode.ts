import { lstat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { SessionUsage } from '../../../../contract/sessions.ts';
import type { Backend, Found, NumberedEntry } from './backend.ts';
import type { Env } from './file-format.ts';
import { count, object, objects, string, titleOf, type Loose } from './loose.ts';
import type { OwnEntry } from './own-session.ts';
import { planOf } from './plan.ts';
import { MAX_READ_BYTES } from './session-index.ts';

type Sqlite = InstanceType<typeof DatabaseSync>;

const MAX_SESSIONS = 3000;
const SESSIONS = `SELECT * FROM session ORDER BY time_updated DESC LIMIT ${MAX_SESSIONS}`;
/** The parts of all messages of one session, in their order. */
const PARTS = `
  SELECT part.data AS part, message.data AS message, part.time_created AS at
  FROM part JOIN message ON message.id = part.message_id
  WHERE part.session_id = ? ORDER BY message.time_created, message.id, part.id LIMIT 50000`;

/** opencode keeps all its sessions in one SQLite database: a row each, their messages and the parts of those beside it. */
export function createOpencodeBackend(env: Env): Backend {
  const file = join(dataFolder(env), 'opencode', 'opencode.db');

  /** Opened for one question and only for reading: the agent may be writing to it. */
  function ask<T>(question: (db: Sqlite) => T): T {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    try {
      return question(db);
    } finally {
      db.close();
    }
  }

  const rowsOf = (rows: Iterable<unknown>): Loose[] => objects([...rows]);

  function parts(found: Found): Part[] {
    const kept: Part[] = [];
    let bytes = 0;
    ask((db) => {
      const asked = db.prepare(PARTS).iterate(found.facts.id) as Iterable<unknown>;
      for (const row of asked) {
        const part = partOf(row);
        bytes += string(part.part)?.length ?? 0;
        if (bytes > MAX_READ_BYTES) return;
        kept.push(part);
      }
    });
    return kept;
  }

  return {
    store: 'opencode',
    async look() {
      const facts = await lstat(file).catch(() => null);
      if (!facts) return { state: 'absent', found: [], hidden: 0, notices: [] };
      if (!facts.isFile()) return failed('unreadable', `${file} is no plain file`);
      try {
        const rows = ask((db) => rowsOf(db.prepare(SESSIONS).all() as Iterable<unknown>));
        const own = rows.filter(
          (row) => row['parent_id'] === null && (row['time_archived'] ?? null) === null,
        );
        return {
          state: 'read',
          found: own.flatMap(foundOf),
          hidden: rows.length - own.length,
          notices: [],
        };
      } catch (error) {
        const said = (error as Error).message.slice(0, 200);
        const isForeign = /no such (table|column)/.test(said);
        return failed(isForeign ? 'unsupported' : 'unreadable', `${file} could not be read: ${said}`);
      }
    },
    // The agent only ever adds to a session, or rewrites it when a person takes a step back.
    epoch: (found) => Promise.resolve(`opencode.${found.facts.createdAt}`),
    length: (found) => Promise.resolve(parts(found).reduce((sum, part) => sum + entriesOf(part).length, 0)),
    async *entries(found, from, damaged): AsyncGenerator<NumberedEntry> {
      await Promise.resolve();
      let seq = 0;
      for (const part of parts(found)) {
        if (json(part.part) === null) damaged();
        for (const entry of entriesOf(part)) {
          if (seq >= from) yield { entry, at: count(part.at), seq };
          seq += 1;
        }
      }
    },
  };
}

interface Part {
  readonly part: unknown;
  readonly message: unknown;
  readonly at: unknown;
}

function partOf(row: unknown): Part {
  const { part, message, at } = object(row) ?? {};
  return { part, message, at };
}

function dataFolder(env: Env): string {
  const base = env['XDG_DATA_HOME'];
  return base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'share');
}

function failed(code: 'unreadable' | 'unsupported', message: string): Awaited<ReturnType<Backend['look']>> {
  const state = code === 'unsupported' ? 'unsupported' : 'failed';
  return { state, found: [], hidden: 0, notices: [{ code, store: 'opencode', count: 1, message }] };
}

function foundOf(row: Loose): Found[] {
  const id = string(row['id']);
  const cwd = string(row['directory']);
  const createdAt = count(row['time_created']);
  if (id === null || cwd === null || createdAt === null) return [];
  const title = titleOf(string(row['title']) ?? '');
  const lastActiveAt = count(row['time_updated']) ?? createdAt;
  return [{ facts: { id, cwd, title, createdAt, usage: usageOf(row) }, lastActiveAt }];
}

function usageOf(row: Loose): SessionUsage {
  const cost = row['cost'];
  return {
    inputTokens: count(row['tokens_input']),
    outputTokens: count(row['tokens_output']),
    cachedTokens: count(row['tokens_cache_read']),
    totalTokens: null,
    contextUsed: null,
    contextSize: null,
    cost: typeof cost === 'number' && cost > 0 ? { amount: cost, currency: 'USD' } : null,
  };
}

function json(text: unknown): Loose | null {
  try {
    return object(JSON.parse(string(text) ?? ''));
  } catch {
    return null;
  }
}

type Entry = OwnEntry['entry'];

function entriesOf({ part, message }: Part): Entry[] {
  const one = json(part);
  if (!one || one['synthetic'] === true) return [];
  switch (one['type']) {
    case 'text':
    case 'reasoning': {
      const text = string(one['text']) ?? '';
      const isUser = json(message)?.['role'] === 'user';
      const kind = one['type'] === 'reasoning' ? 'thought' : isUser ? 'user' : 'message';
      return text === '' ? [] : [{ kind, text }];
    }
    case 'tool':
      return tool(one);
    case 'compaction':
      return [{ kind: 'state', state: 'compacted', detail: '' }];
    default:
      return [];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  bash: 'execute',
  edit: 'edit',
  write: 'edit',
  patch: 'edit',
  read: 'read',
  glob: 'search',
  grep: 'search',
  list: 'search',
  webfetch: 'fetch',
};

function tool(part: Loose): Entry[] {
  const name = string(part['tool']) ?? 'tool';
  const state = object(part['state']) ?? {};
  const input = object(state['input']) ?? {};
  if (name === 'todowrite') return [planOf(input['todos'], 'content')];
  const path = string(input['filePath']);
  const status = string(state['status']);
  const entry: Entry = {
    kind: 'tool',
    toolCallId: string(part['callID']) ?? '',
    title: string(input['command']) ?? string(state['title']) ?? name,
    toolKind: KINDS[name] ?? 'other',
    state: status === 'completed' ? 'completed' : status === 'error' ? 'failed' : 'in_progress',
    paths: path === null ? [] : [path],
    output: string(state['output']) ?? string(state['error']) ?? '',
  };
  const diff = string(object(state['metadata'])?.['diff']);
  return diff === null ? [entry] : [entry, { kind: 'file', path: path ?? '', diff }];
}
