import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { InputOf, OutputOf } from '../../../contract/commands.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseDuration, parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { Failure, usage } from '../failure.ts';
import { plainLine, table } from '../plain-text.ts';

interface RunOptions {
  cwd?: string;
  env?: string[];
  ready?: string;
  readyRegex?: string;
  readyTcp?: string;
  readyHttp?: string;
  readyTimeout?: string;
  port?: string;
  autorestart?: 'never' | 'on-failure' | 'always';
  maxRestarts?: string;
  restartDelay?: string;
  shell?: string;
  inheritEnv?: boolean;
}

type Definition = InputOf<'supervisor.run'>;

/** `run` and everything that controls what it started. */
export function addProcessVerbs(program: Command, { verb }: Verbs): void {
  verb<RunOptions>(program, 'run <name> [command...]', 'start a managed process', run, (command) =>
    command
      .usage('[options] <name> -- <command> [argument...]')
      .option('--shell <text>', 'run a line for the shell instead of a command')
      .option('--cwd <folder>', 'where it runs; this folder, if not given')
      .option('--env <name=value>', 'an environment variable; may be repeated', collect)
      .option('--inherit-env', 'hand on the whole environment of the host')
      .option('--ready <text>', 'ready when it prints this')
      .option('--ready-regex <pattern>', 'ready when a line matches')
      .option('--ready-tcp <port>', 'ready when this port of 127.0.0.1 takes connections')
      .option('--ready-http <url>', 'ready when this address answers with success')
      .option('--ready-timeout <duration>', 'how long it may take to become ready')
      .option('--port <n>', 'the port it listens on, for the proxy')
      .addOption(
        choice(command, '--autorestart <mode>', 'when to start it again', ['never', 'on-failure', 'always']),
      )
      .option('--max-restarts <n>', 'how often at most')
      .option('--restart-delay <ms>', 'milliseconds before the first restart'),
  );
  verb(program, 'ps', 'list the managed processes', async (cli) => {
    const processes = Object.values((await cli.snapshot()).processes);
    const rows = processRows(processes);
    const text =
      rows.length === 0
        ? 'no managed process: signalbox run NAME -- COMMAND'
        : table(['NAME', 'STATE', 'PID', 'SINCE', 'COMMAND'], rows);
    cli.answer({ processes: processes.map(withoutEnvironment) }, text);
  });
  const each = (name: string, summary: string, command: 'supervisor.stop' | 'supervisor.restart') =>
    verb(program, `${name} <name...>`, summary, (cli, names) =>
      forEach(cli, names, async (one) => withoutEnvironment(await cli.call(command, { name: one }))),
    );
  each('stop', 'stop processes: TERM to the group, then KILL', 'supervisor.stop');
  each('restart', 'stop processes and start them again', 'supervisor.restart');
  verb(program, 'stop-all', 'stop every managed process', async (cli) => {
    const answer = await cli.call('supervisor.stopAll', {});
    cli.answer(answer, `stopped: ${answer.stopped.join(', ') || 'nothing was running'}`);
  });
  verb(program, 'rm <name...>', 'stop processes and forget them; their logs stay', async (cli, names) => {
    for (const name of names) await cli.call('supervisor.remove', { name });
    cli.answer({ removed: names }, `removed: ${names.join(', ')}`);
  });
  verb<WaitOptions>(
    program,
    'wait <name>',
    'wait until a process is ready, prints a text or ends',
    wait,
    (command) =>
      command
        .option('--ready', 'until it is ready')
        .option('--until <text>', 'until it prints this')
        .option('--regex <pattern>', 'until a line matches')
        .option('--exit', 'until it has ended')
        .option('--timeout <duration>', 'how long at most; 30s if not given'),
  );
  verb<{ only?: string }>(program, 'up [file]', "start a project's processes", up, (command) =>
    command.option('--only <names>', 'these alone, separated by commas, with what they depend on'),
  );
  verb(program, 'down [file]', "stop a project's processes", async (cli, [file]) => {
    const answer = await cli.call('supervisor.down', { file: await projectFile(file) });
    cli.answer(answer, `stopped: ${answer.stopped.join(', ') || 'nothing was running'}`);
  });
}

function choice(command: Command, flags: string, description: string, values: string[]) {
  return command.createOption(flags, description).choices(values);
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

async function run(cli: Cli, [name = '', ...argv]: readonly string[], options: RunOptions): Promise<void> {
  const { process: started, outcome } = await cli.call('supervisor.run', definitionOf(name, argv, options));
  cli.answer({ ...withoutEnvironment(started), outcome }, `${name}: ${outcome}, ${started.state}`);
}

function definitionOf(name: string, argv: readonly string[], options: RunOptions): Definition {
  const { shell, autorestart, maxRestarts, restartDelay } = options;
  if ((shell === undefined) === (argv.length === 0)) {
    throw usage(
      "say what to run, one way: signalbox run NAME -- COMMAND, or signalbox run NAME --shell 'TEXT'",
    );
  }
  const ready = readiness(options);
  const restarts =
    autorestart ?? (maxRestarts !== undefined || restartDelay !== undefined ? 'on-failure' : undefined);
  return {
    name,
    argv: shell === undefined ? [...argv] : ['/bin/sh', '-c', shell],
    cwd: resolve(options.cwd ?? '.'),
    env: environment(options.env ?? []),
    ...(options.inheritEnv === true && { inheritEnv: true }),
    ...(ready && { ready }),
    ...(options.readyTimeout !== undefined && { readyTimeoutMs: parseDuration(options.readyTimeout) }),
    ...(options.port !== undefined && { port: parseWhole('--port', options.port, 1, 65_535) }),
    ...(restarts && {
      restart: {
        mode: restarts,
        ...(maxRestarts !== undefined && { maxRestarts: parseWhole('--max-restarts', maxRestarts, 0, 1000) }),
        ...(restartDelay !== undefined && {
          delayMs: parseWhole('--restart-delay', restartDelay, 0, 600_000),
        }),
      },
    }),
  };
}

function readiness(options: RunOptions): Definition['ready'] {
  const ways: NonNullable<Definition['ready']>[] = [];
  if (options.ready !== undefined) ways.push({ kind: 'text', text: options.ready });
  if (options.readyRegex !== undefined) ways.push({ kind: 'regex', pattern: options.readyRegex });
  if (options.readyTcp !== undefined) {
    ways.push({ kind: 'tcp', port: parseWhole('--ready-tcp', options.readyTcp, 1, 65_535) });
  }
  if (options.readyHttp !== undefined) ways.push({ kind: 'http', url: options.readyHttp });
  if (ways.length > 1) throw usage('a process has one sign of being ready: give one of the --ready options');
  return ways[0];
}

function environment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      // The value is never repeated: it may be a secret.
      if (at <= 0) throw usage('--env takes NAME=VALUE');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

async function forEach(
  cli: Cli,
  names: readonly string[],
  work: (name: string) => Promise<ManagedProcess>,
): Promise<void> {
  const processes: ManagedProcess[] = [];
  for (const name of names) processes.push(await work(name));
  cli.answer({ processes }, processes.map((one) => `${one.name}: ${one.state}`).join('\n'));
}

interface WaitOptions {
  ready?: boolean;
  until?: string;
  regex?: string;
  exit?: boolean;
  timeout?: string;
}

async function wait(cli: Cli, [name = '']: readonly string[], options: WaitOptions): Promise<number> {
  const ways: InputOf<'supervisor.wait'>['until'][] = [];
  if (options.ready === true) ways.push({ kind: 'ready' });
  if (options.exit === true) ways.push({ kind: 'exit' });
  if (options.until !== undefined) ways.push({ kind: 'text', text: options.until });
  if (options.regex !== undefined) ways.push({ kind: 'regex', pattern: options.regex });
  const [until] = ways;
  if (!until || ways.length > 1)
    throw usage('say what to wait for: one of --ready, --until, --regex, --exit');
  const timeoutMs = options.timeout === undefined ? 30_000 : parseDuration(options.timeout);
  const answer = await cli.call('supervisor.wait', { name, until, timeoutMs });
  return tellOutcome(cli, name, answer);
}

function tellOutcome(cli: Cli, name: string, answer: OutputOf<'supervisor.wait'>): number {
  if (answer.outcome === 'timed-out') throw new Failure('timed_out', `${name}: it did not happen in time`);
  const happened = answer.outcome === 'happened';
  cli.answer(
    answer,
    answer.line === null
      ? `${name}: ${happened ? 'it happened' : 'it ended first'}`
      : plainLine(answer.line, 4000),
  );
  return happened ? Exit.done : Exit.failed;
}

async function up(cli: Cli, [file]: readonly string[], { only }: { only?: string }): Promise<void> {
  const names = only?.split(',').map((name) => name.trim());
  const { processes } = await cli.call('supervisor.up', {
    file: await projectFile(file),
    ...(names && { only: names }),
  });
  const told = processes.map(({ process: one, outcome }) => ({ ...withoutEnvironment(one), outcome }));
  cli.answer({ processes: told }, told.map((one) => `${one.name}: ${one.outcome}, ${one.state}`).join('\n'));
}

/** The file that was named, else the first one of this folder under a known name; always absolute. */
async function projectFile(named: string | undefined): Promise<string> {
  if (named !== undefined) return resolve(named);
  const { existsSync } = await import('node:fs');
  const found = ['signalbox.yaml', 'agent-procs.yaml']
    .map((name) => resolve(name))
    .find((path) => existsSync(path));
  if (found === undefined)
    throw new Failure('not_found', `there is no signalbox.yaml in ${resolve('.')}; name a file`);
  return found;
}

/** Values of variables are often secrets, and the owner knows them: names are enough. Pure. */
export function withoutEnvironment<P extends ManagedProcess>(one: P): P {
  const env = Object.fromEntries(Object.keys(one.definition.env).map((name) => [name, '(not shown)']));
  return { ...one, definition: { ...one.definition, env } };
}

/** One row each: name, state, pid, since when, command. Pure. */
export function processRows(processes: readonly ManagedProcess[]): string[][] {
  return [...processes]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [
      one.name,
      one.state,
      'pid' in one ? String(one.pid) : '-',
      'startedAt' in one ? one.startedAt : one.endedAt,
      plainLine(one.definition.argv.join(' '), 60),
    ]);
}
