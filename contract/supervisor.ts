import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';

export const ProcessName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a process name is 1 to 63 lower-case letters, digits or "-"');

export const RestartPolicy = z.strictObject({
  mode: z.enum(['never', 'on-failure', 'always']).default('never'),
  maxRestarts: z.int().min(0).max(1000).default(10),
  /** First delay; it doubles up to 60 s, with jitter, and starts over after a healthy minute. */
  delayMs: z.int().min(0).max(600_000).default(1000),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

export const Readiness = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(1024) }),
  z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1).max(1024) }),
  z.strictObject({ kind: z.literal('tcp'), port: z.int().min(1).max(65535) }),
  z.strictObject({ kind: z.literal('http'), url: z.url({ protocol: /^https?$/ }).max(2048) }),
]);
export type Readiness = z.infer<typeof Readiness>;

export const ProcessDefinition = z.strictObject({
  name: ProcessName,
  /** A program and its arguments; a shell line is `['/bin/sh', '-c', line]` and shown as such. */
  argv: z.array(z.string().max(32_768)).min(1).max(1024),
  cwd: z.string().min(1).max(4096),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .max(256),
      z.string().max(32_768),
    )
    .default({}),
  /** False: only an allow-list of the host's environment reaches the child, plus `env`. */
  inheritEnv: z.boolean().default(false),
  restart: RestartPolicy.default({ mode: 'never', maxRestarts: 10, delayMs: 1000 }),
  ready: Readiness.nullable().default(null),
  readyTimeoutMs: z.int().min(100).max(600_000).default(30_000),
  port: z.int().min(1).max(65535).nullable().default(null),
  dependsOn: z.array(ProcessName).max(64).default([]),
});
export type ProcessDefinition = z.infer<typeof ProcessDefinition>;

const shared = {
  id: z.string(),
  name: ProcessName,
  definition: ProcessDefinition,
  restarts: z.int().nonnegative(),
  /** The project file that started it; null for a process started by itself. */
  project: z.string().nullable(),
  /** Honest label: what the operating system enforces around this process. */
  isolation: z.enum(['none', 'sandbox']),
};
const live = { ...shared, pid: z.int().positive(), startedAt: Instant };
const ended = { exitCode: z.int().nullable(), signal: z.string().nullable(), endedAt: Instant };

/** A live process always has a pid, an ended one always says how it ended, a failed one always says why. */
export const ManagedProcess = z.discriminatedUnion('state', [
  z.strictObject({ ...live, state: z.literal('starting') }),
  z.strictObject({ ...live, state: z.literal('running') }),
  z.strictObject({ ...live, state: z.literal('ready'), readyAt: Instant }),
  z.strictObject({ ...live, state: z.literal('unhealthy'), reason: z.string() }),
  z.strictObject({ ...live, state: z.literal('stopping') }),
  z.strictObject({ ...shared, ...ended, state: z.literal('exited') }),
  z.strictObject({ ...shared, ...ended, state: z.literal('backing-off'), retryAt: Instant }),
  z.strictObject({ ...shared, state: z.literal('failed'), reason: z.string(), endedAt: Instant }),
  z.strictObject({ ...shared, state: z.literal('stopped'), endedAt: Instant }),
]);
export type ManagedProcess = z.infer<typeof ManagedProcess>;

export const LogStreamName = z.enum(['stdout', 'stderr']);
export type LogStreamName = z.infer<typeof LogStreamName>;

const Named = z.strictObject({ name: ProcessName });
const Started = z.strictObject({
  process: ManagedProcess,
  outcome: z.enum(['started', 'unchanged', 'restarted']),
});

export const supervisorCommands = {
  'supervisor.run': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Start a managed process. The same definition again is a no-op, a changed one restarts it.',
    input: ProcessDefinition,
    output: Started,
  }),
  'supervisor.start': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Start a process that is defined and not running.',
    input: Named,
    output: ManagedProcess,
  }),
  'supervisor.stop': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Stop a process: TERM to its group, then KILL after 10 seconds.',
    input: Named,
    output: ManagedProcess,
  }),
  'supervisor.restart': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Stop a process and start it again with the same definition.',
    input: Named,
    output: ManagedProcess,
  }),
  'supervisor.stopAll': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Stop every managed process, all at the same time.',
    input: Nothing,
    output: z.strictObject({ stopped: z.array(ProcessName) }),
  }),
  'supervisor.remove': command({
    capability: 'own',
    risk: 'low',
    summary: 'Stop a process and forget its definition; its logs stay.',
    input: Named,
    output: Nothing,
  }),
  'supervisor.wait': command({
    capability: 'view',
    risk: 'none',
    summary: 'Wait until a process is ready, prints a text, or ends.',
    input: z.strictObject({
      name: ProcessName,
      until: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('ready') }),
        z.strictObject({ kind: z.literal('exit') }),
        z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(1024) }),
        z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1).max(1024) }),
      ]),
      timeoutMs: z.int().min(1).max(3_600_000).default(30_000),
    }),
    output: z.strictObject({
      outcome: z.enum(['happened', 'ended-first', 'timed-out']),
      line: z.string().nullable(),
    }),
  }),
  'supervisor.up': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Start the processes of a project file, dependencies first.',
    input: z.strictObject({
      file: z.string().min(1).max(4096),
      only: z.array(ProcessName).min(1).optional(),
    }),
    output: z.strictObject({ processes: z.array(Started) }),
  }),
  'supervisor.down': command({
    capability: 'own',
    risk: 'low',
    summary: 'Stop the processes of a project file, dependents first.',
    input: z.strictObject({ file: z.string().min(1).max(4096) }),
    output: z.strictObject({ stopped: z.array(ProcessName) }),
  }),
  'supervisor.readLog': command({
    capability: 'view',
    risk: 'none',
    summary: 'Read a piece of a log by byte offset; a negative offset counts from the end.',
    input: z.strictObject({
      name: ProcessName,
      stream: LogStreamName,
      offset: z.int().default(-65_536),
      maxBytes: z.int().min(1).max(1_048_576).default(65_536),
    }),
    output: z.strictObject({ text: z.string(), offset: z.int(), nextOffset: z.int(), size: z.int() }),
  }),
};

export const ProcessChanged = z.strictObject({ type: z.literal('process.changed'), process: ManagedProcess });
export const ProcessRemoved = z.strictObject({ type: z.literal('process.removed'), name: ProcessName });
