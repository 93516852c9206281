import { existsSync, readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { BashMode, ToolSet, WriteMode } from '../../contract/bridge.ts';
import { AgentName } from '../../contract/agents.ts';
import { HostError } from '../../contract/errors.ts';
import { Rule } from '../../contract/policy.ts';
import { writeFileAtomic } from './atomic-file.ts';

const Port = z.int().min(0).max(65535);

/** `config.yaml`: the only file that a person edits. Every key has a default; an unknown key is refused. */
export const Config = z.strictObject({
  name: z.string().min(1).max(64).optional(),
  bridge: z
    .strictObject({
      tools: ToolSet.default('standard'),
      write: WriteMode.default('off'),
      bash: BashMode.default('off'),
    })
    .prefault({}),
  remote: z.strictObject({ agents: z.array(AgentName).max(32).default([]) }).prefault({}),
  tunnel: z.strictObject({ binary: z.string().max(4096).optional() }).prefault({}),
  listeners: z
    .strictObject({
      dashboard: Port.default(0),
      mcp: Port.default(0),
      acp: Port.default(0),
      companion: Port.default(0),
      proxy: Port.default(0),
    })
    .prefault({}),
  policy: z.strictObject({ rules: z.array(Rule).max(1000).default([]) }).prefault({}),
  secrets: z.strictObject({ store: z.enum(['auto', 'keyring', 'file']).default('auto') }).prefault({}),
});
export type Config = z.infer<typeof Config>;

export interface ConfigFile {
  readonly value: Config;
  /** Change one value; comments and order of the file survive. The new content is checked before it is written. */
  set(path: readonly string[], value: unknown): void;
  /** A value for this run only, from the command line; the file stays as it is. */
  override(path: readonly string[], value: unknown): void;
}

/** Reads and checks the file; a missing one is all defaults. Errors name file, line and key. */
export function openConfig(file: string): ConfigFile {
  const overrides: [readonly string[], unknown][] = [];

  function parse() {
    const lines = new LineCounter();
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return { lines, document: parseDocument(text, { lineCounter: lines }) };
  }

  function read(document: Document.Parsed, lines: LineCounter): Config {
    check(document, file, lines);
    return check(withValues(document, overrides), file, lines);
  }

  const first = parse();
  let value = read(first.document, first.lines);
  return {
    get value() {
      return value;
    },
    set(path, next) {
      // Read anew: what a person has changed in the file meanwhile is kept, and refused here if it is wrong.
      const { document, lines } = parse();
      check(document, file, lines);
      const changed = withValues(document, [[path, next]]);
      // The rules of a running host stay what they were when it started: a policy is changed with open eyes.
      value = { ...read(changed, lines), policy: value.policy };
      writeFileAtomic(file, changed.toString());
    },
    override(path, next) {
      overrides.push([path, next]);
      const { document, lines } = parse();
      value = read(document, lines);
    },
  };
}

function withValues(
  document: Document.Parsed,
  values: readonly [readonly string[], unknown][],
): Document.Parsed {
  if (values.length === 0) return document;
  const changed = document.clone() as Document.Parsed;
  if (!isMap(changed.contents)) changed.contents = changed.createNode({}) as never;
  for (const [path, value] of values) changed.setIn(path, value);
  return changed;
}

function check(document: Document.Parsed, file: string, lines: LineCounter): Config {
  const broken = document.errors[0];
  if (broken) {
    const line = broken.linePos?.[0].line ?? 1;
    throw new HostError('invalid_input', `${file}:${line}: ${broken.message.split('\n')[0] ?? 'not YAML'}`);
  }
  const parsed = Config.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const key = [...path, ...unknown.slice(0, 1)].map(String);
  const line = lineOf(document, key, lines);
  throw new HostError(
    'invalid_input',
    `${file}:${line}: ${key.join('.')}: ${issue?.message ?? 'not valid'}`,
    {
      file,
      line,
      key: key.join('.'),
    },
  );
}

/** Where a key stands in the file: a map as its value may begin a line later. */
function lineOf(document: Document.Parsed, path: readonly string[], lines: LineCounter): number {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
    : undefined;
  const node = (pair?.key ?? document.getIn(path, true)) as { range?: [number, number, number] } | undefined;
  return node?.range ? lines.linePos(node.range[0]).line : 1;
}
