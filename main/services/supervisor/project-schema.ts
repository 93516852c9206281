import * as z from 'zod';
import { Isolation } from '../../../contract/supervisor.ts';

const Text = z.string().min(1).max(32_768);
const Port = z.int().min(1).max(65_535);
const Words = z.array(z.string().max(32_768)).min(1).max(1024);
const Status = z.int().min(100).max(599);
const Globs = z.array(z.string().min(1).max(1024)).max(64);

const Http = {
  http: Text.meta({
    description: 'An address that has to answer; a GET is sent, redirects are not followed.',
  }),
  status: z
    .union([Status, z.tuple([Status, Status])])
    .optional()
    .meta({ description: 'The status that counts, or the lowest and the highest; 200 to 399 if not given.' }),
};
const Tcp = { tcp: Port.meta({ description: 'A port of this machine that has to take connections.' }) };
const Command = {
  command: z
    .union([Text, Words])
    .meta({ description: 'A shell line, or a program and its arguments, that has to end with 0.' }),
};
const asked = {
  interval_ms: z
    .int()
    .min(100)
    .max(3_600_000)
    .optional()
    .meta({ description: 'Between two questions; 10000.' }),
  timeout_ms: z
    .int()
    .min(50)
    .max(600_000)
    .optional()
    .meta({ description: 'How long an answer may take; 3000.' }),
  failures: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'So many in a row make it unhealthy; 3.' }),
  restart: z.boolean().optional().meta({ description: 'Start it again when it becomes unhealthy.' }),
};

const Ready = z.union(
  [
    Text,
    z.strictObject({ text: Text }).transform(({ text }) => text),
    z.strictObject({ regex: Text }),
    z.strictObject(Tcp),
    z.strictObject(Http),
    z.strictObject(Command),
  ],
  'a text, or one of {text}, {regex}, {tcp: port}, {http: url}, {command}',
);
const Health = z.union(
  [
    z.strictObject({ ...Tcp, ...asked }),
    z.strictObject({ ...Http, ...asked }),
    z.strictObject({ ...Command, ...asked }),
  ],
  'one of {tcp: port}, {http: url}, {command}, with interval_ms, timeout_ms, failures, restart',
);

export const ProjectEntry = z.strictObject({
  cmd: z
    .union([Text, Words], 'a shell line, or a list of program and arguments')
    .meta({ description: 'What runs: a line for the shell, or a program and its arguments.' }),
  cwd: Text.optional().meta({ description: 'Where it runs; relative to this file.' }),
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .meta({ description: 'Variables of its environment; ${NAME} and ${NAME:-default} are filled in.' }),
  inherit_env: z
    .boolean()
    .optional()
    .meta({ description: 'Hand on the whole environment of the host instead of a short list of names.' }),
  ready: Ready.optional().meta({
    description: 'When others may build on it: it prints a text, listens, answers, or a command says so.',
  }),
  ready_timeout_ms: z
    .int()
    .min(100)
    .max(600_000)
    .optional()
    .meta({ description: 'How long it may take to become ready; 30000.' }),
  health: Health.optional().meta({ description: 'Asked again and again once it is up.' }),
  depends_on: z
    .array(z.string())
    .max(64)
    .default([])
    .meta({ description: 'Processes of this file that have to be up first.' }),
  port: z
    .union([Port, z.literal('auto')], 'a port from 1 to 65535, or auto')
    .optional()
    .meta({
      description:
        'The port it listens on, or auto for one from 4000 to 4999; it gets PORT and HOST, and an address of its own.',
    }),
  autorestart: z
    .enum(['never', 'on-failure', 'always'])
    .optional()
    .meta({ description: 'When to start it again after it ended by itself; never.' }),
  max_restarts: z.int().min(0).max(1000).optional().meta({ description: 'So many in a row at most; 10.' }),
  restart_delay: z
    .int()
    .min(0)
    .max(600_000)
    .optional()
    .meta({ description: 'Milliseconds before the first restart; doubled each time, up to a minute; 1000.' }),
  healthy_after_ms: z
    .int()
    .min(1000)
    .max(3_600_000)
    .optional()
    .meta({ description: 'A run of this length makes the failures before it forgotten; 60000.' }),
  stop_grace_ms: z
    .int()
    .min(0)
    .max(600_000)
    .optional()
    .meta({ description: 'How long it may take to end after TERM before it is killed; 10000.' }),
  watch: Globs.optional().meta({
    description: 'Start it again when one of these files changes: src/**, *.ts',
  }),
  watch_ignore: Globs.optional().meta({
    description: 'Not these, on top of .git, node_modules, build outputs and caches.',
  }),
  watch_debounce_ms: z
    .int()
    .min(50)
    .max(60_000)
    .optional()
    .meta({ description: 'Changes within this time are one; 500.' }),
  pty: z
    .boolean()
    .optional()
    .meta({ description: 'Give it a terminal instead of pipes: one stream, and a person may type.' }),
  isolation: Isolation.optional().meta({
    description:
      'sandbox: it writes only below its own folder; refused where no sandbox works. none if not given.',
  }),
});
export type ProjectEntry = z.infer<typeof ProjectEntry>;

/** `signalbox.yaml`. Also the source of its published JSON Schema, so the descriptions are what an editor shows. */
export const ProjectFile = z.strictObject({
  session: z.string().max(256).optional().meta({ description: 'Of agent-procs; has no effect.' }),
  proxy: z
    .boolean()
    .optional()
    .meta({ description: 'Of agent-procs: processes without a port get one. The proxy is always there.' }),
  proxy_port: Port.optional().meta({ description: 'Of agent-procs; has no effect.' }),
  processes: z
    .record(z.string(), ProjectEntry)
    .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 256, 'from 1 to 256 processes')
    .meta({ description: 'The processes by name: 1 to 63 lower-case letters, digits or "-".' }),
});
export type ProjectFile = z.infer<typeof ProjectFile>;
