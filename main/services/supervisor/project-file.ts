import { dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { HostError } from '../../../contract/errors.ts';
import { ProcessDefinition, ProcessName, type Readiness } from '../../../contract/supervisor.ts';
import { dependencyLevels } from './dependency-order.ts';
import { isOwnVariable } from './process-env.ts';
import { shellReferences, substitute, type Environment } from './variables.ts';

/** Larger than any project file that a person wrote. */
export const MAX_PROJECT_FILE = 262_144;

const Text = z.string().min(1).max(32_768);
const Port = z.int().min(1).max(65_535);
const ReadyKey = z.union([
  Text,
  z.strictObject({ text: Text }).transform(({ text }) => text),
  z.strictObject({ regex: Text }),
  z.strictObject({ tcp: Port }),
  z.strictObject({ http: Text }),
]);
const Globs = z.array(Text).max(256);

const ProcessEntry = z.strictObject({
  cmd: z.union(
    [Text, z.array(z.string().max(32_768)).min(1).max(1024)],
    'a shell line, or a list of program and arguments',
  ),
  cwd: Text.optional(),
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  ready: z.union([ReadyKey], 'a text, or one of {text}, {regex}, {tcp: port}, {http: url}').optional(),
  ready_timeout_ms: z.int().min(100).max(600_000).optional(),
  depends_on: z.array(z.string()).max(64).default([]),
  port: Port.optional(),
  autorestart: z.enum(['never', 'on-failure', 'always']).optional(),
  max_restarts: z.int().min(0).max(1000).optional(),
  restart_delay: z.int().min(0).max(600_000).optional(),
  inherit_env: z.boolean().optional(),
  watch: Globs.optional(),
  watch_ignore: Globs.optional(),
});
type ProcessEntry = z.infer<typeof ProcessEntry>;

const ProjectFile = z.strictObject({
  session: z.string().max(256).optional(),
  proxy: z.boolean().optional(),
  proxy_port: Port.optional(),
  processes: z
    .record(z.string(), ProcessEntry)
    .refine(
      (all) => Object.keys(all).length > 0 && Object.keys(all).length <= 256,
      'from 1 to 256 processes',
    ),
});

export interface ProjectProcess {
  readonly definition: ProcessDefinition;
  /** What the file asks for and this host does not do: said in the log of the process, never passed over. */
  readonly notices: readonly string[];
}

/**
 * Reads a project file (`signalbox.yaml`, `agent-procs.yaml`). Pure.
 * @param file its absolute path: relative folders are meant from there, and errors name it
 * @param env variables for `${NAME}`
 * @throws HostError `invalid_input` with `file:line: key: what is wrong` for each error
 */
export function parseProjectFile(text: string, file: string, env: Environment): ProjectProcess[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (path: readonly PropertyKey[]) => lines.linePos(offsetOf(document, path)).line;
  const fail = (problems: readonly string[]): never => {
    throw new HostError('invalid_input', problems.slice(0, 10).join('\n'), {
      file,
      problems: problems.length,
    });
  };
  if (document.errors.length > 0) {
    fail(document.errors.map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message}`));
  }
  const parsed = ProjectFile.safeParse(toPlain(document, file) ?? {});
  if (!parsed.success) {
    return fail(parsed.error.issues.map((issue) => `${file}:${at(issuePath(issue))}: ${describe(issue)}`));
  }
  const problems: string[] = [];
  const processes = Object.entries(parsed.data.processes).flatMap(([name, entry]) => {
    const path = ['processes', name];
    const report = (key: string, what: string) => {
      problems.push(`${file}:${at([...path, ...key.split('.')])}: processes.${name}.${key}: ${what}`);
    };
    const definition = ProcessDefinition.safeParse(toDefinition(name, entry, dirname(file), env, report));
    if (definition.success) return [{ definition: definition.data, notices: noticesOf(parsed.data, entry) }];
    if (problems.length === 0) {
      for (const issue of definition.error.issues) {
        problems.push(`${file}:${at(path)}: processes.${name}.${issue.path.join('.')}: ${issue.message}`);
      }
    }
    return [];
  });
  if (problems.length > 0) fail(problems);
  checkDependencies(processes, (name) => `${file}:${at(['processes', name, 'depends_on'])}`, fail);
  return processes;
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw new HostError(
      'invalid_input',
      `${file}: ${error instanceof Error ? error.message : 'cannot be read'}`,
    );
  }
}

/** Strict objects name the unknown keys beside the path: the first of them is the place to show. */
function issuePath(issue: z.core.$ZodIssue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.') || 'file'}: ${issue.message}`;
  const place = issue.path.length > 0 ? issue.path.join('.') : 'file';
  return `${place}: unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
}

/** Where a key (else the nearest thing around it) stands in the text. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isMap(node)) break;
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (!pair) break;
    offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
    node = pair.value;
  }
  return offset;
}

type Report = (key: string, what: string) => void;

function toDefinition(
  name: string,
  entry: ProcessEntry,
  folder: string,
  env: Environment,
  report: Report,
): unknown {
  if (!ProcessName.safeParse(name).success) {
    report('cmd', `"${name}" is no process name: 1 to 63 lower-case letters, digits or "-"`);
  }
  const fill = (key: string, text: string) =>
    substitute(text, env, (missing) =>
      report(key, `the variable ${missing} is not set; "$$" is a dollar sign`),
    );
  const own = Object.fromEntries(
    Object.entries(entry.env).map(([key, value]) => [key, fill(`env.${key}`, value)]),
  );
  const { cmd } = entry;
  const passedOn = typeof cmd === 'string' ? namedVariables(cmd, env) : {};
  return {
    name,
    argv: typeof cmd === 'string' ? shellCommand(cmd) : cmd.map((word) => fill('cmd', word)),
    cwd: resolve(folder, fill('cwd', entry.cwd ?? '.')),
    env: { ...passedOn, ...own },
    inheritEnv: entry.inherit_env ?? false,
    restart: {
      mode: entry.autorestart ?? 'never',
      ...(entry.max_restarts !== undefined && { maxRestarts: entry.max_restarts }),
      ...(entry.restart_delay !== undefined && { delayMs: entry.restart_delay }),
    },
    ready: entry.ready === undefined ? null : toReadiness(entry.ready, (text) => fill('ready', text)),
    ...(entry.ready_timeout_ms !== undefined && { readyTimeoutMs: entry.ready_timeout_ms }),
    port: entry.port ?? null,
    dependsOn: entry.depends_on,
  };
}

function toReadiness(ready: NonNullable<ProcessEntry['ready']>, fill: (text: string) => string): Readiness {
  if (typeof ready === 'string') return { kind: 'text', text: fill(ready) };
  if ('regex' in ready) return { kind: 'regex', pattern: ready.regex };
  if ('tcp' in ready) return { kind: 'tcp', port: ready.tcp };
  return { kind: 'http', url: fill(ready.http) };
}

function shellCommand(line: string): string[] {
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', line] : ['/bin/sh', '-c', line];
}

/** Variables that a shell line names reach it; the others of the host do not. */
function namedVariables(line: string, env: Environment): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of shellReferences(line)) {
    const value = env[name];
    if (value !== undefined && !isOwnVariable(name) && name !== 'PORT' && name !== 'HOST')
      found[name] = value;
  }
  return found;
}

function noticesOf(file: z.infer<typeof ProjectFile>, entry: ProcessEntry): string[] {
  const notices: string[] = [];
  if (file.session !== undefined) {
    notices.push(
      '`session` has no effect: one host holds the processes of all projects, each with a name of its own',
    );
  }
  if (file.proxy_port !== undefined) {
    notices.push(
      '`proxy_port` has no effect: the proxy of the host has one port, listeners.proxy in its configuration',
    );
  }
  if (entry.watch !== undefined || entry.watch_ignore !== undefined) {
    notices.push('`watch` has no effect: files are not watched, restart the process after a change');
  }
  return notices;
}

function checkDependencies(
  processes: readonly ProjectProcess[],
  place: (name: string) => string,
  fail: (problems: readonly string[]) => never,
): void {
  try {
    dependencyLevels(processes.map(({ definition }) => definition));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const { cycle, name } = (error.data ?? {}) as { cycle?: string[]; name?: string };
    fail([`${place(cycle?.[0] ?? name ?? '')}: ${error.message}`]);
  }
}
