import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileFormat } from './file-format.ts';
import { list, object, objects, string, texts, time, titleOf, type Loose } from './loose.ts';
import type { OwnEntry, OwnReader } from './own-session.ts';

/**
 * `PROJECT/chats/session-TIME-BEGIN_OF_ID.jsonl`, and beside `chats` the file `.project_root` with the folder of the
 * work. A line is the head of the session, a message, or `{"$set": …}`.
 */
export const geminiFormat: FileFormat = {
  store: 'gemini',
  folder: (env) => join(env['GEMINI_CLI_HOME'] ?? homedir(), '.gemini', 'tmp'),
  depth: 3,
  isSession: (relative) => /^[^/]+\/chats\/session-[\w-]+\.jsonl$/.test(relative),
  projectFile: (relative) => `${relative.split('/')[0] ?? ''}/.project_root`,
  facts(values, { relative, projectRoot }) {
    const head = values.map((value) => object(value)).find((line) => string(line?.['sessionId']) !== null);
    const id = string(head?.['sessionId']);
    if (!head || id === null || projectRoot === null || id.length < 8) return null;
    if (!relative.endsWith(`-${id.slice(0, 8)}.jsonl`)) return null;
    if (head['kind'] !== undefined && head['kind'] !== 'main') return 'hidden';
    const said =
      messagesIn(values)
        .map(saidByUser)
        .find((text) => text !== '') ?? '';
    // Begun and never spoken in: the program makes one each time that it starts.
    if (said === '') return 'hidden';
    return {
      id,
      cwd: projectRoot,
      title: titleOf(said),
      createdAt: time(head['startTime']) ?? 0,
      usage: null,
    };
  },
  isEnough: (values) => messagesIn(values).some((message) => saidByUser(message) !== ''),
  reader: () => geminiReader(new Map()),
  usage: () => null,
};

/** Messages of their own lines, and those that a line sets all at once. */
function messagesIn(values: readonly unknown[]): Loose[] {
  return values.flatMap((value) => {
    const line = object(value);
    if (!line) return [];
    const set = list(object(line['$set'])?.['messages']);
    return string(line['id']) === null ? objects(set) : [line];
  });
}

const NOT_SAID = /^\s*<(session_context|system-reminder|untrusted_context)>/;

function saidByUser(message: Loose): string {
  if (message['type'] !== 'user') return '';
  const text = texts(message['content'], 'text');
  return NOT_SAID.test(text) ? '' : text;
}

const MAX_SEEN = 4096;

/** @param seen what was shown of a message: one that is written again later only adds what is new in it */
function geminiReader(seen: ReadonlyMap<string, number>): OwnReader {
  const shown = new Map(seen);
  return {
    copy: () => geminiReader(shown),
    push: (value) =>
      messagesIn([value]).flatMap((message) => {
        const id = string(message['id']) ?? '';
        const entries = entriesOf(message);
        const fresh = entries.slice(shown.get(id) ?? 0);
        const oldest = shown.keys().next();
        if (shown.size >= MAX_SEEN && !oldest.done) shown.delete(oldest.value);
        shown.set(id, Math.max(shown.get(id) ?? 0, entries.length));
        const at = time(message['timestamp']);
        return fresh.map((entry) => ({ entry, at }));
      }),
  };
}

type Entry = OwnEntry['entry'];

function entriesOf(message: Loose): Entry[] {
  switch (message['type']) {
    case 'user': {
      const text = saidByUser(message);
      return text === '' ? [] : [{ kind: 'user', text }];
    }
    case 'gemini': {
      const text = texts(message['content'], 'text');
      return [
        ...list(message['thoughts']).flatMap((thought) => think(object(thought) ?? {})),
        ...(text === '' ? [] : [{ kind: 'message', text } as const]),
        ...list(message['toolCalls']).flatMap((call) => tool(object(call) ?? {})),
      ];
    }
    case 'error':
    case 'warning':
      return [{ kind: 'state', state: message['type'], detail: texts(message['content'], 'text') }];
    default:
      return [];
  }
}

function think(thought: Loose): Entry[] {
  const parts = [string(thought['subject']), string(thought['description'])];
  const text = parts.filter((part) => part !== null && part !== '').join('\n');
  return text === '' ? [] : [{ kind: 'thought', text }];
}

const KINDS: Readonly<Record<string, string>> = {
  run_shell_command: 'execute',
  write_file: 'edit',
  replace: 'edit',
  read_file: 'read',
  read_many_files: 'read',
  glob: 'search',
  search_file_content: 'search',
  list_directory: 'search',
  web_fetch: 'fetch',
  google_web_search: 'fetch',
};

function tool(call: Loose): Entry[] {
  const name = string(call['name']) ?? 'tool';
  const input = object(call['args']) ?? {};
  const path = string(input['file_path']) ?? string(input['absolute_path']) ?? string(input['path']);
  const diff = string(object(call['resultDisplay'])?.['fileDiff']);
  const done: Entry = {
    kind: 'tool',
    toolCallId: string(call['id']) ?? '',
    title: string(input['command']) ?? (path === null ? name : `${name} ${path}`),
    toolKind: KINDS[name] ?? 'other',
    state: call['status'] === 'success' ? 'completed' : 'failed',
    paths: path === null ? [] : [path],
    output: outputOf(call['result']),
  };
  return diff === null ? [done] : [done, { kind: 'file', path: path ?? '', diff }];
}

function outputOf(result: unknown): string {
  return list(result)
    .flatMap((part) => {
      const response = object(object(object(part)?.['functionResponse'])?.['response']);
      return string(response?.['output']) ?? string(response?.['error']) ?? [];
    })
    .join('\n');
}
