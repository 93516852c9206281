import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type YAMLSeq } from 'yaml';
import * as z from 'zod';
import { BashMode, ToolSet, WriteMode } from '../../contract/bridge.ts';
import { AgentName } from '../../contract/agents.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { HostError } from '../../contract/errors.ts';
import { Rule } from '../../contract/policy.ts';
import { RemotePermissions } from '../../contract/remote.ts';
import { OwnStore } from '../../contract/sessions.ts';
import { writeFileAtomic } from './atomic-file.ts';

const Port = z.int().min(0).max(65535);

/** A name that is used once in its list. */
const PredefinedName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'a name is 1 to 64 letters, digits, "_" or "-"');
const Argument = z
  .string()
  .max(4096)
  .regex(/^[^\0]*$/, 'an argument may not contain NUL');
const RelativePath = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^(?!\/)[^\0]*$/, 'a path inside the workspace does not begin with "/"');

const ActionEntry = z.strictObject({
  name: PredefinedName,
  argv: z.array(Argument).min(1).max(256),
  /** By name, id or path. */
  workspace: z.string().min(1).max(4096),
  cwd: RelativePath.default('.'),
  timeoutMs: z.int().min(100).max(3_600_000).default(300_000),
  risk: z.enum(['low', 'medium', 'high']).default('medium'),
});

const LogEntry = z
  .strictObject({
    name: PredefinedName,
    /** Without it the path is an absolute one. */
    workspace: z.string().min(1).max(4096).optional(),
    path: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[^\0]*$/),
  })
  .superRefine(({ workspace, path }, context) => {
    const message =
      workspace === undefined
        ? 'without a workspace the path must be absolute'
        : 'inside of a workspace the path is relative to it';
    if ((workspace === undefined) !== isAbsolute(path))
      context.addIssue({ code: 'custom', path: ['path'], message });
  });

function named<T extends z.ZodType<{ name: string }>>(entry: T) {
  return z
    .array(entry)
    .max(50)
    .superRefine((entries, context) => {
      entries.forEach(({ name }, index) => {
        if (entries.findIndex((other) => other.name === name) < index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is there twice` });
      });
    });
}

const SecretAction = z.enum(['redact', 'ask', 'block']);

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
  /** Agents whose own stores of conversations are read; without a word here, none. */
  sessions: z.strictObject({ readOwn: z.array(OwnStore).max(4).default([]) }).prefault({}),
  remote: z
    .strictObject({
      agents: z.array(AgentName).max(32).default([]),
      permissions: RemotePermissions.default('host'),
      connections: z.int().min(1).max(512).default(32),
      connectionsEach: z.int().min(1).max(512).default(16),
      idleMinutes: z.int().min(1).max(10_080).default(60),
    })
    .prefault({}),
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
  tasks: z
    .strictObject({
      /** How many agents may work at the same time, and how many of one. */
      atOnce: z.int().min(1).max(32).default(4),
      perAgent: z.int().min(1).max(32).default(2),
      /** Agents with a number of their own. */
      agents: z.record(AgentName, z.int().min(1).max(32)).default({}),
      /** A task whose agent gives no sign of life for so long is stopped, and one that runs for so long. */
      idleMinutes: z.number().positive().max(1440).default(30),
      maxMinutes: z.number().positive().max(10_080).default(240),
    })
    .prefault({}),
  /** Commands that others may run by their name, and logs that they may read. */
  actions: named(ActionEntry).default([]),
  logSources: named(LogEntry).default([]),
  /** What becomes of processes that outlived a host which died: the next one takes them over, or ends them. */
  processes: z.strictObject({ afterCrash: z.enum(['adopt', 'stop']).default('adopt') }).prefault({}),
  /** Whole audit records are kept for so many days; their hashes always. */
  audit: z.strictObject({ keepDays: z.int().min(1).max(36_500).nullable().default(null) }).prefault({}),
  policy: z.strictObject({ rules: z.array(Rule).max(1000).default([]) }).prefault({}),
  secrets: z
    .strictObject({
      store: z.enum(['auto', 'keyring', 'file']).default('auto'),
      /** What becomes of content with a secret in it. It can only be made stricter than the table of the gate. */
      file: SecretAction.default('redact'),
      diff: SecretAction.default('redact'),
      output: SecretAction.exclude(['ask']).default('redact'),
    })
    .prefault({}),
});
export type Config = z.infer<typeof Config>;

export interface ConfigFile {
  readonly value: Config;
  /** Change one value; comments and order of the file survive. The new content is checked before it is written. */
  set(path: readonly string[], value: unknown): void;
  /**
   * The owner's rules, changed through the door: unlike a change by hand they hold at once.
   * @throws HostError `conflict` while a change by hand waits for the next start: neither goes over the other
   */
  setPolicy(rules: readonly Rule[]): void;
  /** A value for this run only, from the command line; the file stays as it is. */
  override(path: readonly string[], value: unknown): void;
}

/** What is wrong with rules that are each well-formed: where in the list, and a sentence. Null when nothing is. */
export type RulesCheck = (
  rules: readonly Rule[],
) => { readonly path: readonly (string | number)[]; readonly message: string } | null;

/**
 * Reads and checks the file; a missing one is all defaults. Errors name file, line and key.
 * @param wrongWith looks at the rules as a whole; a set that it finds fault with is refused like any wrong value
 */
export function openConfig(file: string, wrongWith: RulesCheck = () => null): ConfigFile {
  const overrides: [readonly string[], unknown][] = [];

  function parse() {
    const lines = new LineCounter();
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return { lines, document: parseDocument(text, { lineCounter: lines }) };
  }

  function read(document: Document.Parsed, lines: LineCounter): Config {
    checkAll(document, lines);
    return checkAll(withValues(document, overrides), lines);
  }

  function checkAll(document: Document.Parsed, lines: LineCounter): Config {
    const config = check(document, file, lines);
    const wrong = wrongWith(config.policy.rules);
    if (wrong === null) return config;
    const path = ['policy', 'rules', ...wrong.path];
    throw refusal(file, lineOf(document, path, lines), path.map(String), wrong.message);
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
    setPolicy(rules) {
      const { document, lines } = parse();
      const written = checkAll(document, lines).policy.rules;
      if (canonicalJson(written) !== canonicalJson(value.policy.rules))
        throw new HostError(
          'conflict',
          `the rules in ${file} were changed by hand since the host began; restart it, then change them here`,
          { file },
        );
      const changed = withRules(document, rules);
      const next = read(changed, lines);
      writeFileAtomic(file, changed.toString());
      value = next;
    },
    override(path, next) {
      overrides.push([path, next]);
      const { document, lines } = parse();
      value = read(document, lines);
    },
  };
}

/** Rules that stay keep their place and their comments: only what goes is cut out, and what is new is put at the end. */
function withRules(document: Document.Parsed, rules: readonly Rule[]): Document.Parsed {
  const written = document.getIn(['policy', 'rules']);
  if (!isSeq(written)) return withValues(document, [[['policy', 'rules'], rules]]);
  const changed = document.clone() as Document.Parsed;
  const list = changed.getIn(['policy', 'rules']) as YAMLSeq;
  const idOf = (item: unknown): unknown => (isMap(item) ? item.get('id') : undefined);
  const before = new Set(list.items.map(idOf));
  list.items = list.items.filter((item) => rules.some(({ id }) => id === idOf(item)));
  for (const rule of rules) if (!before.has(rule.id)) list.add(changed.createNode(rule));
  return changed;
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
  throw refusal(file, line, key, issue?.message ?? 'not valid');
}

function refusal(file: string, line: number, path: readonly string[], message: string): HostError {
  const key = path.join('.');
  return new HostError('invalid_input', `${file}:${line}: ${key}: ${message}`, { file, line, key });
}

/** Where a key stands in the file: a map as its value may begin a line later. */
function lineOf(document: Document.Parsed, path: readonly (string | number)[], lines: LineCounter): number {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
    : undefined;
  const node = (pair?.key ?? document.getIn(path, true)) as { range?: [number, number, number] } | undefined;
  return node?.range ? lines.linePos(node.range[0]).line : 1;
}
