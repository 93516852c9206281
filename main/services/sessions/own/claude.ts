import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileFormat } from './file-format.ts';
import { list, object, objects, string, texts, time, titleOf, type Loose } from './loose.ts';
import type { OwnEntry, OwnReader } from './own-session.ts';
import { planOf } from './plan.ts';
import { createCalls, type Calls } from './tool-calls.ts';

/** `projects/FOLDER/ID.jsonl`, where FOLDER is the path of the work with '-' for what is no letter or digit. */
export const claudeFormat: FileFormat = {
  store: 'claude',
  folder: (env) => join(env['CLAUDE_CONFIG_DIR'] ?? join(homedir(), '.claude'), 'projects'),
  depth: 2,
  isSession: (relative) => /^[^/]+\/[0-9A-Za-z_-]+\.jsonl$/.test(relative),
  facts(values, { relative }) {
    const lines = objects(values);
    const id = /([^/]+)\.jsonl$/.exec(relative)?.[1];
    const first = lines.find((line) => string(line['cwd']) !== null && line['sessionId'] === id);
    const cwd = string(first?.['cwd']);
    if (id === undefined || !first || cwd === null) return null;
    if (first['isSidechain'] === true || id.startsWith('agent-')) return 'hidden';
    const said = lines.map(saidByUser).find((text) => text !== '') ?? '';
    const named = lines
      .map((line) => string(line['summary']) ?? string(line['customTitle']))
      .find((name) => name);
    return {
      id,
      cwd,
      title: titleOf(named ?? said),
      createdAt: time(first['timestamp']) ?? 0,
      usage: null,
    };
  },
  isEnough: (values) => values.some((value) => saidByUser(object(value) ?? {}) !== ''),
  reader: () => claudeReader(createCalls()),
  // What is written down is of one answer each; no line says what the whole session has used.
  usage: () => null,
};

/** What the program says in the name of the person. */
const NOT_SAID = /^\s*(<(command-|local-command|system-reminder|bash-)|Caveat: )/;

function saidByUser(line: Loose): string {
  if (line['type'] !== 'user' || line['isMeta'] === true) return '';
  const text = texts(object(line['message'])?.['content'], 'text');
  return NOT_SAID.test(text) ? '' : text;
}

function claudeReader(calls: Calls): OwnReader {
  return {
    copy: () => claudeReader(calls.copy()),
    push(value) {
      const line = object(value);
      if (!line || line['isSidechain'] === true) return [];
      const at = time(line['timestamp']);
      return entriesOf(line, calls).map((entry) => ({ entry, at }));
    },
  };
}

type Entry = OwnEntry['entry'];

function entriesOf(line: Loose, calls: Calls): Entry[] {
  const content = object(line['message'])?.['content'];
  switch (line['type']) {
    case 'user': {
      const said = saidByUser(line);
      const results = list(content).flatMap((part) => result(object(part) ?? {}, line, calls));
      return said === '' ? results : [...results, { kind: 'user', text: said }];
    }
    case 'assistant': {
      if (typeof content === 'string') return [{ kind: 'message', text: content }];
      return list(content).flatMap((part) => block(object(part) ?? {}, calls));
    }
    case 'system':
      return line['subtype'] === 'compact_boundary'
        ? [{ kind: 'state', state: 'compacted', detail: '' }]
        : [];
    default:
      return [];
  }
}

function block(part: Loose, calls: Calls): Entry[] {
  switch (part['type']) {
    case 'text': {
      const text = string(part['text']) ?? '';
      return text === '' ? [] : [{ kind: 'message', text }];
    }
    case 'thinking': {
      const text = string(part['thinking']) ?? '';
      return text === '' ? [] : [{ kind: 'thought', text }];
    }
    case 'tool_use':
      return used(part, calls);
    default:
      return [];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  Bash: 'execute',
  Edit: 'edit',
  MultiEdit: 'edit',
  Write: 'edit',
  NotebookEdit: 'edit',
  Read: 'read',
  Glob: 'search',
  Grep: 'search',
  WebFetch: 'fetch',
  WebSearch: 'fetch',
};

function used(part: Loose, calls: Calls): Entry[] {
  const name = string(part['name']) ?? 'tool';
  const input = object(part['input']) ?? {};
  if (name === 'TodoWrite') return [planOf(input['todos'], 'content')];
  const path = string(input['file_path']) ?? string(input['notebook_path']) ?? string(input['path']);
  const detail = string(input['command']) ?? path ?? string(input['pattern']) ?? string(input['url']);
  return calls.begin(string(part['id']) ?? '', {
    title: detail === null ? name : name === 'Bash' ? detail : `${name} ${detail}`,
    kind: KINDS[name] ?? 'other',
    paths: path === null ? [] : [path],
  });
}

function result(part: Loose, line: Loose, calls: Calls): Entry[] {
  if (part['type'] !== 'tool_result') return [];
  const output = texts(part['content'], 'text');
  const ended = calls.end(string(part['tool_use_id']) ?? '', output, part['is_error'] === true);
  const written = object(line['toolUseResult']);
  const path = string(written?.['filePath']);
  const diff = list(written?.['structuredPatch']).map(hunk).join('\n');
  return path === null || diff === '' ? ended : [...ended, { kind: 'file', path, diff }];
}

function hunk(value: unknown): string {
  const { oldStart, oldLines, newStart, newLines, lines } = object(value) ?? {};
  const head = `@@ -${String(oldStart)},${String(oldLines)} +${String(newStart)},${String(newLines)} @@`;
  return [head, ...list(lines).map(String)].join('\n');
}
