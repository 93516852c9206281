import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { InputOf } from '../../contract/commands.ts';
import { parseDuration, parseWhole } from './duration.ts';
import { usage } from './failure.ts';

export type Definition = InputOf<'supervisor.run'>;
type Check = NonNullable<Definition['health']>['check'];

export interface RunOptions {
  cwd?: string;
  env?: string[];
  inheritEnv?: boolean;
  shell?: string;
  pty?: boolean;
  sandbox?: boolean;
  port?: string;
  ready?: string;
  readyRegex?: string;
  readyTcp?: string;
  readyHttp?: string;
  readyStatus?: string;
  readyCommand?: string;
  readyTimeout?: string;
  healthTcp?: string;
  healthHttp?: string;
  healthCommand?: string;
  healthEvery?: string;
  healthRestart?: boolean;
  autorestart?: 'never' | 'on-failure' | 'always';
  maxRestarts?: string;
  restartDelay?: string;
  watch?: string[];
  watchIgnore?: string[];
  stopGrace?: string;
}

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

/** The options of `run`, in the order in which a person needs them. */
export function addRunOptions(command: Command): Command {
  return command
    .usage('[options] <name> -- <command> [argument...]')
    .option('--shell <text>', 'run a line for the shell instead of a command')
    .option('--cwd <folder>', 'where it runs; this folder, if not given')
    .option(
      '--env <name=value>',
      'an environment variable, or a name alone for its value here; may be repeated',
      collect,
    )
    .option('--inherit-env', 'hand on the whole environment of the host')
    .option('--sandbox', 'let it write only below its own folder; refused where no sandbox works')
    .option('--pty', 'give it a terminal')
    .option('--port <n>', 'the port it listens on, for the proxy; auto for one from 4000 to 4999')
    .option('--ready <text>', 'ready when it prints this')
    .option('--ready-regex <pattern>', 'ready when a line matches')
    .option('--ready-tcp <port>', 'ready when this port of 127.0.0.1 takes connections')
    .option('--ready-http <url>', 'ready when this address answers with success')
    .option('--ready-status <from-to>', 'what counts as success: a status, or the lowest and the highest')
    .option('--ready-command <line>', 'ready when this line for the shell ends with 0')
    .option('--ready-timeout <duration>', 'how long it may take to become ready')
    .option('--health-tcp <port>', 'unhealthy when this port takes no connections any more')
    .option('--health-http <url>', 'unhealthy when this address does not answer any more')
    .option('--health-command <line>', 'unhealthy when this line for the shell does not end with 0')
    .option('--health-every <duration>', 'how often it is asked; 10s if not given')
    .option('--health-restart', 'start it again when it is unhealthy')
    .addOption(
      command
        .createOption('--autorestart <mode>', 'when to start it again')
        .choices(['never', 'on-failure', 'always']),
    )
    .option('--max-restarts <n>', 'how often at most')
    .option('--restart-delay <ms>', 'milliseconds before the first restart')
    .option('--watch <glob>', 'start it again when such a file changes; may be repeated', collect)
    .option('--watch-ignore <glob>', 'but not for these; may be repeated', collect)
    .option('--stop-grace <duration>', 'how long it may take to end before it is killed; 10s if not given');
}

/**
 * What `run` asks the host for.
 * @param env of whoever calls, for variables that are named without a value
 * @throws Failure with what is wrong and how it would be right
 */
export function definitionOf(
  name: string,
  argv: readonly string[],
  options: RunOptions,
  env: Readonly<Record<string, string | undefined>>,
): Definition {
  const { shell, watch, watchIgnore } = options;
  if ((shell === undefined) === (argv.length === 0)) {
    throw usage(
      "say what to run, one way: signalbox run NAME -- COMMAND, or signalbox run NAME --shell 'TEXT'",
    );
  }
  if (watchIgnore && !watch) throw usage('--watch-ignore needs a --watch');
  const ready = readiness(options);
  const health = healthOf(options);
  const restart = restartOf(options);
  return {
    name,
    argv: shell === undefined ? [...argv] : shellLine(shell),
    cwd: resolve(options.cwd ?? '.'),
    env: environment(options.env ?? [], env),
    ...(options.inheritEnv === true && { inheritEnv: true }),
    ...(options.sandbox === true && { isolation: 'sandbox' as const }),
    ...(options.pty === true && { pty: true as const }),
    ...portOf(options.port),
    ...(ready && { ready }),
    ...(options.readyTimeout !== undefined && { readyTimeoutMs: parseDuration(options.readyTimeout) }),
    ...(health && { health }),
    ...(restart && { restart }),
    ...(watch && { watch: { paths: watch, ...(watchIgnore && { ignore: watchIgnore }) } }),
    ...(options.stopGrace !== undefined && { stopGraceMs: parseDuration(options.stopGrace) }),
  };
}

function portOf(port: string | undefined): Pick<Definition, 'port' | 'autoPort'> {
  if (port === undefined) return {};
  return port === 'auto' ? { autoPort: true } : { port: parseWhole('--port', port, 1, 65_535) };
}

const shellLine = (line: string): string[] => ['/bin/sh', '-c', line];

function readiness(options: RunOptions): Definition['ready'] {
  const { ready, readyRegex, readyTcp, readyHttp, readyStatus, readyCommand } = options;
  const ways: NonNullable<Definition['ready']>[] = [];
  if (ready !== undefined) ways.push({ kind: 'text', text: ready });
  if (readyRegex !== undefined) ways.push({ kind: 'regex', pattern: readyRegex });
  if (readyTcp !== undefined) ways.push(tcp('--ready-tcp', readyTcp));
  if (readyHttp !== undefined) {
    ways.push({
      kind: 'http',
      url: readyHttp,
      ...(readyStatus !== undefined && { status: range(readyStatus) }),
    });
  }
  if (readyCommand !== undefined) ways.push({ kind: 'command', argv: shellLine(readyCommand) });
  if (ways.length > 1) throw usage('a process has one sign of being ready: give one of the --ready options');
  if (readyStatus !== undefined && readyHttp === undefined)
    throw usage('--ready-status needs a --ready-http');
  return ways[0];
}

function healthOf(options: RunOptions): Definition['health'] {
  const { healthTcp, healthHttp, healthCommand, healthEvery, healthRestart } = options;
  const ways: Check[] = [];
  if (healthTcp !== undefined) ways.push(tcp('--health-tcp', healthTcp));
  if (healthHttp !== undefined) ways.push({ kind: 'http', url: healthHttp });
  if (healthCommand !== undefined) ways.push({ kind: 'command', argv: shellLine(healthCommand) });
  const [check] = ways;
  if (ways.length > 1) throw usage('one question about its health: give one of the --health options');
  if (!check) {
    if (healthEvery === undefined && healthRestart !== true) return undefined;
    throw usage('say what to ask: --health-tcp, --health-http or --health-command');
  }
  return {
    check,
    ...(healthEvery !== undefined && { intervalMs: parseDuration(healthEvery) }),
    ...(healthRestart === true && { restart: true }),
  };
}

function tcp(option: string, port: string): { kind: 'tcp'; port: number } {
  return { kind: 'tcp', port: parseWhole(option, port, 1, 65_535) };
}

function range(text: string): [number, number] {
  const [lowest = '', highest = lowest] = text.split('-');
  const parse = (part: string) => parseWhole('--ready-status', part, 100, 599);
  return [parse(lowest), parse(highest)];
}

function restartOf({ autorestart, maxRestarts, restartDelay }: RunOptions): Definition['restart'] {
  const more = maxRestarts !== undefined || restartDelay !== undefined;
  const mode = autorestart ?? (more ? 'on-failure' : undefined);
  if (mode === undefined) return undefined;
  return {
    mode,
    ...(maxRestarts !== undefined && { maxRestarts: parseWhole('--max-restarts', maxRestarts, 0, 1000) }),
    ...(restartDelay !== undefined && { delayMs: parseWhole('--restart-delay', restartDelay, 0, 600_000) }),
  };
}

function environment(
  pairs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      const value = env[pair];
      // What was written is never repeated: it may be a secret.
      if (at === 0 || value === undefined)
        throw usage('--env takes NAME=VALUE, or the NAME of a variable that is set here');
      return [pair, value];
    }),
  );
}
