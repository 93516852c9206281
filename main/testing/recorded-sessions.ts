import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';

// Stores as the agents themselves write them: sessions that were recorded with codex 0.137, claude 2.1, gemini 0.61 and
// opencode 1.18, with their folders and their long instructions put in here.

export const CODEX_ID = '01a1fc5c-7fa0-7303-ba58-2ac0708061e3';
export const CLAUDE_ID = '44420560-87df-4764-93d3-d0d540128f3c';
export const GEMINI_ID = '15e2fcc1-1ad3-49b4-a764-9fd82e9160f0';
export const OPENCODE_ID = 'ses_e025f4c33ffeXY5ZiNScA9VGoU';

/** What says where the stores of this folder lie. */
export function storeEnv(folder: string): Record<string, string> {
  return {
    CODEX_HOME: join(folder, 'codex'),
    CLAUDE_CONFIG_DIR: join(folder, 'claude'),
    GEMINI_CLI_HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
  };
}

const recorded = (name: string, work: string): string =>
  readFileSync(join(import.meta.dirname, 'recorded-sessions', name), 'utf8')
    .replaceAll('{{WORK}}', work)
    // The first line of a real one is some 20 KB long.
    .replaceAll('{{LONG}}', 'You are an agent. '.repeat(1200));

export function put(file: string, content: string | Uint8Array): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

export function layOutCodex(folder: string, work: string, id = CODEX_ID): string {
  const text = recorded('codex-rollout.jsonl', work).replaceAll(CODEX_ID, id);
  const name = `rollout-2026-11-21T04-28-02-${id}.jsonl`;
  return put(join(folder, 'codex', 'sessions', '2026', '11', '21', name), text);
}

export function layOutClaude(folder: string, work: string): string {
  const project = work.replace(/[^A-Za-z0-9]/g, '-');
  const text = recorded('claude-session.jsonl', work);
  return put(join(folder, 'claude', 'projects', project, `${CLAUDE_ID}.jsonl`), text);
}

export function layOutGemini(folder: string, work: string): string {
  const project = join(folder, '.gemini', 'tmp', 'work');
  put(join(project, '.project_root'), work);
  const name = `session-2026-11-21T10-22-${GEMINI_ID.slice(0, 8)}.jsonl`;
  return put(join(project, 'chats', name), recorded('gemini-session.jsonl', work));
}

export function layOutOpencode(folder: string, work: string): string {
  const file = put(join(folder, 'data', 'opencode', 'opencode.db'), '');
  const db = new DatabaseSync(file);
  db.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE session (
      id text PRIMARY KEY, project_id text NOT NULL, parent_id text, directory text NOT NULL, title text NOT NULL,
      cost real DEFAULT 0 NOT NULL, tokens_input integer DEFAULT 0 NOT NULL, tokens_output integer DEFAULT 0 NOT NULL,
      tokens_cache_read integer DEFAULT 0 NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
      time_archived integer);
    CREATE TABLE message (
      id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, data text NOT NULL);
    CREATE TABLE part (
      id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL,
      data text NOT NULL);
  `);
  const session = db.prepare(
    `INSERT INTO session (id, project_id, parent_id, directory, title, cost, tokens_input, tokens_output, time_created, time_updated)
     VALUES (?, 'global', ?, ?, ?, ?, 30, 15, 1795256529868, 1795256532705)`,
  );
  session.run(OPENCODE_ID, null, work, 'open hello', 0.25);
  session.run('ses_sub0000000000000000000000', OPENCODE_ID, work, 'a helper of it', 0);
  const message = db.prepare('INSERT INTO message VALUES (?, ?, ?, ?)');
  const part = db.prepare('INSERT INTO part VALUES (?, ?, ?, ?, ?)');
  const say = (at: number, role: string, ...parts: unknown[]): void => {
    message.run(`msg_${at}`, OPENCODE_ID, at, JSON.stringify({ role }));
    parts.forEach((data, n) =>
      part.run(
        `prt_${at}_${n}`,
        `msg_${at}`,
        OPENCODE_ID,
        at + n,
        typeof data === 'string' ? data : JSON.stringify(data),
      ),
    );
  };
  say(1795256529968, 'user', { type: 'text', text: 'open hello' });
  say(
    1795256530044,
    'assistant',
    { type: 'step-start' },
    { type: 'reasoning', text: 'let me see' },
    {
      ...{ type: 'tool', tool: 'bash', callID: 'call_5_0' },
      state: { status: 'completed', input: { command: 'echo hi > b.txt' }, output: '(no output)' },
    },
    '{"torn":',
  );
  say(1795256532259, 'assistant', { type: 'text', text: 'Done.' });
  db.close();
  return file;
}
