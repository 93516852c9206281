import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';
import { ProcessName } from './process-name.ts';

export const RestartPolicy = z.strictObject({
  mode: z.enum(['never', 'on-failure', 'always']).default('never'),
  maxRestarts: z.int().min(0).max(1000).default(10),
  /** First delay; it doubles up to 60 s, with jitter, and starts over after a healthy minute. */
  delayMs: z.int().min(0).max(600_000).default(1000),
  /** A run of this length was healthy: the failures before it are forgotten. */
  healthyAfterMs: z.int().min(1000).max(3_600_000).default(60_000),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

const httpStatus = z.int().min(100).max(599);
const tcpCheck = z.strictObject({ kind: z.literal('tcp'), port: z.int().min(1).max(65535) });
const httpCheck = z.strictObject({
  kind: z.literal('http'),
  url: z.url({ protocol: /^https?$/ }).max(2048),
  /** The lowest and the highest status that counts as an answer; without it 200 to 399. */
  status: z
    .tuple([httpStatus, httpStatus])
    .refine(([lowest, highest]) => lowest <= highest, 'the lowest status stands first')
    .optional(),
});
/** Runs in the folder and the environment of the process; exit code 0 counts. */
const commandCheck = z.strictObject({
  kind: z.literal('command'),
  argv: z.array(z.string().max(32_768)).min(1).max(64),
});

export const Readiness = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(1024) }),
  z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1).max(1024) }),
  tcpCheck,
  httpCheck,
  commandCheck,
]);
export type Readiness = z.infer<typeof Readiness>;

/** Asked again and again once the process is up. */
export const HealthCheck = z.strictObject({
  check: z.discriminatedUnion('kind', [tcpCheck, httpCheck, commandCheck]),
  intervalMs: z.int().min(100).max(3_600_000).default(10_000),
  timeoutMs: z.int().min(50).max(600_000).default(3_000),
  /** Failures in a row until it is unhealthy; one success makes it healthy again. */
  failures: z.int().min(1).max(100).default(3),
  /** Restart it when it becomes unhealthy. */
  restart: z.boolean().default(false),
});
export type HealthCheck = z.infer<typeof HealthCheck>;

/** Globs relative to the folder of the process: `src/**`, `*.ts`. A name without a slash fits in every folder. */
const Glob = z.string().min(1).max(1024);
export const WatchRule = z.strictObject({
  paths: z.array(Glob).min(1).max(64),
  /** On top of those that are always ignored: .git, node_modules, build outputs, caches. */
  ignore: z.array(Glob).max(256).default([]),
  debounceMs: z.int().min(50).max(60_000).default(500),
});
export type WatchRule = z.infer<typeof WatchRule>;

/** `sandbox`: writes only below its own folder, by the sandbox of the operating system; refused where there is none. */
export const Isolation = z.enum(['none', 'sandbox']);
export type Isolation = z.infer<typeof Isolation>;

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
  restart: RestartPolicy.default({ mode: 'never', maxRestarts: 10, delayMs: 1000, healthyAfterMs: 60_000 }),
  ready: Readiness.nullable().default(null),
  readyTimeoutMs: z.int().min(100).max(600_000).default(30_000),
  port: z.int().min(1).max(65535).nullable().default(null),
  /** Without a `port` the host chooses one, from 4000 to 4999, and keeps to it. */
  autoPort: z.literal(true).optional(),
  dependsOn: z.array(ProcessName).max(64).default([]),
  health: HealthCheck.nullable().default(null),
  watch: WatchRule.nullable().default(null),
  /** How long it may take to end after TERM, before KILL. */
  stopGraceMs: z.int().min(0).max(600_000).default(10_000),
  isolation: Isolation.default('none'),
  /** It is given a terminal instead of pipes: one stream (`stdout`), and a person may type. */
  pty: z.literal(true).optional(),
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
  isolation: Isolation,
  /** Bytes of this run that could not be written to its logs; absent when none is missing. */
  logsLost: z.int().positive().optional(),
};
const live = {
  ...shared,
  pid: z.int().positive(),
  startedAt: Instant,
  /** It outlived the host that started it, and this one took it over. */
  adopted: z.literal(true).optional(),
};
const ended = { exitCode: z.int().nullable(), signal: z.string().nullable(), endedAt: Instant };

/** A live process always has a pid, an ended one always says how it ended, a failed one always says why. */
export const ManagedProcess = z.discriminatedUnion('state', [
  z.strictObject({ ...live, state: z.literal('starting') }),
  z.strictObject({ ...live, state: z.literal('running') }),
  z.strictObject({ ...live, state: z.literal('ready'), readyAt: Instant }),
  /** Not ready in time (without `readyAt`), or up and failing its health check. */
  z.strictObject({
    ...live,
    state: z.literal('unhealthy'),
    reason: z.string(),
    readyAt: Instant.optional(),
  }),
  /** With `because` it ends as failed, for that reason. */
  z.strictObject({
    ...live,
    state: z.literal('stopping'),
    because: z.string().optional(),
    byHost: z.literal(true).optional(),
  }),
  z.strictObject({ ...shared, ...ended, state: z.literal('exited') }),
  z.strictObject({ ...shared, ...ended, state: z.literal('backing-off'), retryAt: Instant }),
  z.strictObject({
    ...shared,
    state: z.literal('failed'),
    reason: z.string(),
    endedAt: Instant,
    /** It ended again and again, and none of its runs was healthy: no restart is left. */
    crashLoop: z.literal(true).optional(),
  }),
  z.strictObject({
    ...shared,
    state: z.literal('stopped'),
    endedAt: Instant,
    /** The host ended it because it ended itself; nobody had asked for that. */
    byHost: z.literal(true).optional(),
  }),
]);
export type ManagedProcess = z.infer<typeof ManagedProcess>;

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
      /** Variables of whoever asks, for `${NAME}` in the file: they go before those of the host. */
      env: z.record(z.string().max(256), z.string().max(32_768)).optional(),
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
  'supervisor.type': command({
    capability: 'own',
    risk: 'none',
    summary: 'Type into the terminal of a process that was started with one.',
    input: z.strictObject({ name: ProcessName, text: z.string().min(1).max(65_536) }),
    output: Nothing,
  }),
  'supervisor.resizeTerminal': command({
    capability: 'own',
    risk: 'none',
    summary: 'Tell the terminal of a process how many columns and rows are shown.',
    input: z.strictObject({
      name: ProcessName,
      columns: z.int().min(2).max(1000),
      rows: z.int().min(1).max(1000),
    }),
    output: Nothing,
  }),
};

export const ProcessChanged = z.strictObject({ type: z.literal('process.changed'), process: ManagedProcess });
export const ProcessRemoved = z.strictObject({ type: z.literal('process.removed'), name: ProcessName });
