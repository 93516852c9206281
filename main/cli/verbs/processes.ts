import type { Command } from 'commander';
import type { InputOf, OutputOf } from '../../../contract/commands.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { Failure, usage } from '../failure.ts';
import { plainLine, table } from '../plain-text.ts';
import { projectFile } from '../project-file.ts';
import { addRunOptions, definitionOf, type RunOptions } from '../run-definition.ts';

/** `run` and everything that controls what it started. */
export function addProcessVerbs(program: Command, { verb }: Verbs): void {
  verb<RunOptions>(program, 'run <name> [command...]', 'start a managed process', run, addRunOptions);
  verb(program, 'ps', 'list the managed processes', async (cli) => {
    const processes = Object.values((await cli.snapshot()).processes);
    const text =
      processes.length === 0 ? 'no managed process: signalbox run NAME -- COMMAND' : psText(processes);
    cli.answer({ processes: processes.map(withoutEnvironment) }, text);
  });
  const each = (name: string, summary: string, command: 'supervisor.stop' | 'supervisor.restart') =>
    verb(program, `${name} <name...>`, summary, (cli, names) =>
      forEach(cli, names, async (name) => withoutEnvironment(await cli.call(command, { name }))),
    );
  each('stop', 'stop processes: TERM to the group, then KILL', 'supervisor.stop');
  each('restart', 'stop processes and start them again', 'supervisor.restart');
  verb(program, 'stop-all', 'stop every managed process', async (cli) => {
    const answer = await cli.call('supervisor.stopAll', {});
    cli.answer(answer, `stopped: ${answer.stopped.join(', ') || 'nothing was running'}`);
  });
  verb(program, 'rm <name...>', 'stop processes and forget them; their logs stay', async (cli, names) => {
    const removed = await resolveNames(cli, names);
    await Promise.all(removed.map(async (name) => cli.call('supervisor.remove', { name })));
    cli.answer({ removed }, `removed: ${removed.join(', ')}`);
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
    const answer = await cli.call('supervisor.down', { file: projectFile(file, '.') });
    cli.answer(answer, `stopped: ${answer.stopped.join(', ') || 'nothing was running'}`);
  });
}

async function run(cli: Cli, [name = '', ...argv]: readonly string[], options: RunOptions): Promise<void> {
  const { process: started, outcome } = await cli.call(
    'supervisor.run',
    definitionOf(name, argv, options, process.env),
  );
  cli.answer({ ...withoutEnvironment(started), outcome }, `${name}: ${outcome}, ${started.state}`);
}

/** Processes may be named by their id too. @throws Failure `not_found` for what is neither */
async function resolveNames(cli: Cli, given: readonly string[]): Promise<string[]> {
  const processes = Object.values((await cli.snapshot()).processes);
  return given.map((wanted) => {
    const found = processes.find(({ name }) => name === wanted) ?? processes.find(({ id }) => id === wanted);
    if (found) return found.name;
    const known = processes.map(({ name }) => name).join(', ') || 'none';
    throw new Failure('not_found', `there is no process "${wanted}"; there are: ${known}`);
  });
}

async function forEach(
  cli: Cli,
  names: readonly string[],
  work: (name: string) => Promise<ManagedProcess>,
): Promise<void> {
  // All at the same time: one that ends slowly holds up no other.
  const processes = await Promise.all((await resolveNames(cli, names)).map(work));
  cli.answer({ processes }, processes.map((one) => `${one.name}: ${one.state}`).join('\n'));
}

interface WaitOptions {
  ready?: boolean;
  until?: string;
  regex?: string;
  exit?: boolean;
  timeout?: string;
}

async function wait(cli: Cli, [given = '']: readonly string[], options: WaitOptions): Promise<number> {
  const ways: InputOf<'supervisor.wait'>['until'][] = [];
  if (options.ready === true) ways.push({ kind: 'ready' });
  if (options.exit === true) ways.push({ kind: 'exit' });
  if (options.until !== undefined) ways.push({ kind: 'text', text: options.until });
  if (options.regex !== undefined) ways.push({ kind: 'regex', pattern: options.regex });
  const [until] = ways;
  if (!until || ways.length > 1)
    throw usage('say what to wait for: one of --ready, --until, --regex, --exit');
  const timeoutMs = options.timeout === undefined ? 30_000 : parseDuration(options.timeout);
  const [name = given] = await resolveNames(cli, [given]);
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
  const path = projectFile(file, '.');
  const { processes } = await cli.call('supervisor.up', {
    file: path,
    env: await namedVariables(path),
    ...(names && { only: names }),
  });
  const told = processes.map(({ process: one, outcome }) => ({ ...withoutEnvironment(one), outcome }));
  cli.answer({ processes: told }, told.map((one) => `${one.name}: ${one.outcome}, ${one.state}`).join('\n'));
}

/** The variables of this shell that the file names, and no others: the host has an environment of its own. */
async function namedVariables(file: string): Promise<Record<string, string>> {
  const { readFile } = await import('node:fs/promises');
  // What is wrong with the file is for the host to say, in one way for all callers.
  const text = await readFile(file, 'utf8').catch(() => '');
  const names = [...text.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || name.startsWith('SIGNALBOX_') ? [] : [[name, value]];
    }),
  );
}

/** Values of variables are often secrets, and the owner knows them: names are enough. Pure. */
export function withoutEnvironment<P extends ManagedProcess>(one: P): P {
  const env = Object.fromEntries(Object.keys(one.definition.env).map((name) => [name, '(not shown)']));
  return { ...one, definition: { ...one.definition, env } };
}

export const PROCESS_COLUMNS = ['NAME', 'STATE', 'PID', 'PORT', 'RESTARTS', 'SINCE', 'COMMAND'];

/** One row each, in the order of {@link PROCESS_COLUMNS}, sorted by name. Pure. */
export function processRows(processes: readonly ManagedProcess[]): string[][] {
  return [...processes]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [
      one.name,
      one.state,
      'pid' in one ? String(one.pid) : '-',
      one.definition.port === null ? '-' : String(one.definition.port),
      String(one.restarts),
      'startedAt' in one ? one.startedAt : one.endedAt,
      plainLine(one.definition.argv.join(' '), 60),
    ]);
}

/** The table, and below it what a person should know of some of them. Pure. */
function psText(processes: readonly ManagedProcess[]): string {
  const remarks = processes.flatMap((one) => {
    const about = (text: string) => `${one.name}: ${plainLine(text, 400)}`;
    return [
      ...('reason' in one ? [about(one.reason)] : []),
      ...('retryAt' in one ? [about(`starts again at ${one.retryAt}`)] : []),
      ...('adopted' in one ? [about('taken over from a host that was gone')] : []),
      ...(one.isolation === 'sandbox' ? [about('in a sandbox')] : []),
      ...(one.logsLost === undefined
        ? []
        : [about(`${one.logsLost} bytes of its logs could not be written`)]),
    ];
  });
  const rows = table(PROCESS_COLUMNS, processRows(processes));
  return remarks.length === 0 ? rows : [rows, '', ...remarks].join('\n');
}
