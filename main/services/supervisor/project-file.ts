import { dirname, resolve } from 'node:path';
import { isAlias, isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type * as z from 'zod';
import { HostError } from '../../../contract/errors.ts';
import { ProcessName } from '../../../contract/process-name.ts';
import { ProcessDefinition, type HealthCheck, type Readiness } from '../../../contract/supervisor.ts';
import { dependencyLevels } from './dependency-order.ts';
import { isOwnVariable } from './process-env.ts';
import { ProjectFile, type ProjectEntry } from './project-schema.ts';
import { shellReferences, substitute, type Environment } from './variables.ts';

/** Larger than any project file that a person wrote. */
export const MAX_PROJECT_FILE = 262_144;

export interface ProjectProcess {
  readonly definition: ProcessDefinition;
  /** What the file asks for and this host does not do: said in the log of the process, never passed over. */
  readonly notices: readonly string[];
}

/**
 * Reads a project file (`signalbox.yaml`, `agent-procs.yaml`). Pure.
 * @param file its absolute path: relative folders are meant from there, and errors name it
 * @param env variables for `${NAME}`
 * @throws HostError `invalid_input` with `file:line:column: key: what is wrong` for each error
 */
export function parseProjectFile(text: string, file: string, env: Environment): ProjectProcess[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  const at = (path: readonly PropertyKey[]) => place(offsetOf(document, path));
  const fail = (problems: readonly string[]): never => {
    throw new HostError('invalid_input', problems.slice(0, 10).join('\n'), {
      file,
      problems: problems.length,
    });
  };
  if (document.errors.length > 0) {
    fail(document.errors.map(({ pos, message }) => `${file}:${place(pos[0])}: ${message}`));
  }
  const parsed = ProjectFile.safeParse(toPlain(document, file) ?? {});
  if (!parsed.success) {
    return fail(parsed.error.issues.map((issue) => `${file}:${at(issuePath(issue))}: ${describe(issue)}`));
  }
  const problems: string[] = [];
  const around = { env, proxy: parsed.data.proxy === true };
  const processes = Object.entries(parsed.data.processes).flatMap(([name, entry]) => {
    const path = ['processes', name];
    const report = (key: string, what: string) => {
      problems.push(`${file}:${at([...path, ...key.split('.')])}: processes.${name}.${key}: ${what}`);
    };
    const definition = ProcessDefinition.safeParse(toDefinition(name, entry, dirname(file), around, report));
    if (definition.success) return [{ definition: definition.data, notices: noticesOf(parsed.data) }];
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
  entry: ProjectEntry,
  folder: string,
  { env, proxy }: { env: Environment; proxy: boolean },
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
      ...(entry.healthy_after_ms !== undefined && { healthyAfterMs: entry.healthy_after_ms }),
    },
    ready: entry.ready === undefined ? null : toReadiness(entry.ready, (text) => fill('ready', text)),
    ...(entry.ready_timeout_ms !== undefined && { readyTimeoutMs: entry.ready_timeout_ms }),
    ...toPort(entry.port ?? (proxy ? 'auto' : null)),
    dependsOn: entry.depends_on,
    health: entry.health === undefined ? null : toHealth(entry.health, (text) => fill('health', text)),
    watch: toWatch(entry),
    ...(entry.stop_grace_ms !== undefined && { stopGraceMs: entry.stop_grace_ms }),
    ...(entry.isolation !== undefined && { isolation: entry.isolation }),
    ...(entry.pty === true && { pty: true as const }),
  };
}

function toPort(port: number | 'auto' | null) {
  return port === 'auto' ? { port: null, autoPort: true as const } : { port };
}

function toWatch({ watch, watch_ignore, watch_debounce_ms }: ProjectEntry) {
  if (watch === undefined || watch.length === 0) return null;
  return {
    paths: watch,
    ...(watch_ignore !== undefined && { ignore: watch_ignore }),
    ...(watch_debounce_ms !== undefined && { debounceMs: watch_debounce_ms }),
  };
}

type Fill = (text: string) => string;
type Asked = Extract<NonNullable<ProjectEntry['health']>, object>;

function toReadiness(ready: NonNullable<ProjectEntry['ready']>, fill: Fill): Readiness {
  if (typeof ready === 'string') return { kind: 'text', text: fill(ready) };
  if ('regex' in ready) return { kind: 'regex', pattern: ready.regex };
  return toCheck(ready, fill);
}

function toCheck(
  asked: Asked | Exclude<NonNullable<ProjectEntry['ready']>, string | { regex: string }>,
  fill: Fill,
): HealthCheck['check'] {
  if ('tcp' in asked) return { kind: 'tcp', port: asked.tcp };
  if ('command' in asked) {
    const { command } = asked;
    return { kind: 'command', argv: typeof command === 'string' ? shellCommand(command) : command.map(fill) };
  }
  const { http, status } = asked;
  const range: [number, number] | undefined = typeof status === 'number' ? [status, status] : status;
  return { kind: 'http', url: fill(http), ...(range && { status: range }) };
}

function toHealth(asked: Asked, fill: Fill): z.input<typeof HealthCheck> {
  const { interval_ms, timeout_ms, failures, restart } = asked;
  return {
    check: toCheck(asked, fill),
    ...(interval_ms !== undefined && { intervalMs: interval_ms }),
    ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }),
    ...(failures !== undefined && { failures }),
    ...(restart !== undefined && { restart }),
  };
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

function noticesOf(file: ProjectFile): string[] {
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
