import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SessionUsage } from '../../../../contract/sessions.ts';
import type { FileFormat } from './file-format.ts';
import { count, object, string, texts, time, titleOf, type Loose } from './loose.ts';
import type { OwnEntry, OwnReader } from './own-session.ts';
import { planOf } from './plan.ts';
import { createCalls, type Calls } from './tool-calls.ts';

/** `rollout-TIME-ID.jsonl` below year, month and day; each line `{timestamp, type, payload}`. */
export const codexFormat: FileFormat = {
  store: 'codex',
  folder: (env) => join(env['CODEX_HOME'] ?? join(homedir(), '.codex'), 'sessions'),
  depth: 4,
  isSession: (relative) => /^\d{4}\/\d\d\/\d\d\/rollout-[\w-]+\.jsonl$/.test(relative),
  facts(values, { relative }) {
    const meta = values.map((value) => object(value)).find((line) => line?.['type'] === 'session_meta');
    const payload = object(meta?.['payload']);
    const id = string(payload?.['id']);
    const cwd = string(payload?.['cwd']);
    if (!payload || id === null || cwd === null || !relative.endsWith(`-${id}.jsonl`)) return null;
    if (isPartOfAnother(payload)) return 'hidden';
    const said = values.map(saidByUser).find((text) => text !== null && text !== '') ?? null;
    return {
      id,
      cwd,
      title: titleOf(said ?? ''),
      createdAt: time(payload['timestamp']) ?? time(meta?.['timestamp']) ?? 0,
      usage: null,
    };
  },
  isEnough: (values) => values.some((value) => (saidByUser(value) ?? '') !== ''),
  reader: () => codexReader(createCalls()),
  usage: usageIn,
};

/** Sessions that a session of the person started for itself: reviewers, guardians and other helpers. */
function isPartOfAnother(meta: Loose): boolean {
  return object(meta['source']) !== null || string(meta['thread_source'])?.includes('subagent') === true;
}

/** Instructions that the program puts before what the person says. */
const PREAMBLE = /^\s*(<[a-z_ ]+>|# AGENTS\.md instructions)/i;

function saidByUser(value: unknown): string | null {
  const line = object(value);
  const payload = object(line?.['payload']);
  if (line?.['type'] !== 'response_item' || payload?.['type'] !== 'message' || payload['role'] !== 'user')
    return null;
  const text = texts(payload['content'], 'input_text', 'text');
  return PREAMBLE.test(text) ? null : text;
}

function codexReader(calls: Calls): OwnReader {
  return {
    copy: () => codexReader(calls.copy()),
    push(value) {
      const line = object(value);
      const payload = object(line?.['payload']);
      if (!line || !payload) return [];
      const at = time(line['timestamp']);
      const entries =
        line['type'] === 'response_item'
          ? item(payload, calls)
          : line['type'] === 'event_msg'
            ? event(payload, calls)
            : [];
      return entries.map((entry) => ({ entry, at }));
    },
  };
}

type Entry = OwnEntry['entry'];

function item(payload: Loose, calls: Calls): Entry[] {
  switch (payload['type']) {
    case 'message':
      return message(payload);
    case 'reasoning': {
      const text = texts(payload['summary'], 'summary_text');
      return text === '' ? [] : [{ kind: 'thought', text }];
    }
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return begun(payload, calls);
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { text, failed } = outputOf(payload['output']);
      return calls.end(string(payload['call_id']) ?? '', text, failed);
    }
    default:
      return [];
  }
}

function message(payload: Loose): Entry[] {
  const text = texts(payload['content'], 'input_text', 'output_text', 'text');
  if (text === '' || payload['role'] === 'developer' || payload['role'] === 'system') return [];
  if (payload['role'] !== 'user') return [{ kind: 'message', text }];
  return PREAMBLE.test(text) ? [] : [{ kind: 'user', text }];
}

function begun(payload: Loose, calls: Calls): Entry[] {
  const name = string(payload['name']) ?? 'shell';
  const input = argumentsOf(payload);
  if (name === 'update_plan') return [planOf(input['plan'], 'step')];
  const command = commandOf(input);
  const kind = command !== null ? 'execute' : name === 'apply_patch' ? 'edit' : 'other';
  const patch = string(payload['input']);
  const paths = patch === null ? [] : pathsOfPatch(patch);
  const begin = calls.begin(string(payload['call_id']) ?? '', { title: command ?? name, kind, paths });
  // The patch itself, as the agent wrote it: it is what the call does.
  return patch !== null && name === 'apply_patch'
    ? [...begin, { kind: 'file', path: paths[0] ?? '', diff: patch }]
    : begin;
}

function argumentsOf(payload: Loose): Loose {
  const action = object(payload['action']);
  if (action) return action;
  try {
    return object(JSON.parse(string(payload['arguments']) ?? '{}')) ?? {};
  } catch {
    return {};
  }
}

function commandOf(input: Loose): string | null {
  const command = input['cmd'] ?? input['command'];
  if (Array.isArray(command)) return command.map(String).join(' ');
  return string(command);
}

function pathsOfPatch(patch: string): string[] {
  return [...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, path]) => path ?? '');
}

function outputOf(output: unknown): { text: string; failed: boolean } {
  const structured = object(output);
  const whole = string(output) ?? texts(output, 'input_text', 'output_text', 'text');
  const text = structured ? (string(structured['content']) ?? '') : inner(whole);
  const code = /(?:Process exited with code|Exit code:?) (\d+)/.exec(text.slice(0, 400))?.[1];
  return { text, failed: structured?.['success'] === false || (code !== undefined && code !== '0') };
}

/** Some versions wrap the output of a command in JSON. */
function inner(text: string): string {
  if (!text.startsWith('{"output":')) return text;
  try {
    return string(object(JSON.parse(text))?.['output']) ?? text;
  } catch {
    return text;
  }
}

function event(payload: Loose, calls: Calls): Entry[] {
  switch (payload['type']) {
    case 'patch_apply_end':
      // The call that began it has shown the patch already.
      if (calls.kindOf(string(payload['call_id']) ?? '') === 'edit') return [];
      return Object.entries(object(payload['changes']) ?? {})
        .slice(0, 256)
        .map(([path, change]) => ({ kind: 'file', path, diff: diffOf(object(change)) }));
    case 'turn_aborted':
      return [{ kind: 'state', state: 'cancelled', detail: string(payload['reason']) ?? '' }];
    case 'error':
      return [{ kind: 'state', state: 'error', detail: string(payload['message']) ?? '' }];
    case 'context_compacted':
      return [{ kind: 'state', state: 'compacted', detail: '' }];
    default:
      return [];
  }
}

function diffOf(change: Loose | null): string {
  const unified = string(change?.['unified_diff']);
  if (unified !== null) return unified;
  const content = string(change?.['content']) ?? '';
  const sign = change?.['type'] === 'delete' ? '-' : '+';
  return content
    .replace(/\n$/, '')
    .split('\n')
    .map((text) => `${sign}${text}`)
    .join('\n');
}

function usageIn(value: unknown): SessionUsage | null {
  const payload = object(object(value)?.['payload']);
  const info = payload?.['type'] === 'token_count' ? object(payload['info']) : null;
  const total = object(info?.['total_token_usage']);
  if (!info || !total) return null;
  return {
    inputTokens: count(total['input_tokens']),
    outputTokens: count(total['output_tokens']),
    cachedTokens: count(total['cached_input_tokens']),
    totalTokens: count(total['total_tokens']),
    contextUsed: count(object(info['last_token_usage'])?.['total_tokens']),
    contextSize: count(info['model_context_window']),
    cost: null,
  };
}
