import * as fs from 'node:fs';
import { HostError } from '../../contract/errors.ts';
import { flagArguments, parseByTable } from './argv-table.ts';
import type { ParsedCommand } from './argv-table.ts';
import { tokenise as tokeniseBash } from './bash-tokens.ts';
import type { Tokens } from './bash-tokens.ts';
import {
  excludePathspecs,
  gitEnvironment,
  gitOptions,
  gitSafety,
  gitTables,
  isRevision,
  peelRevision,
} from './git-table.ts';
import type { Root } from './path-guard.ts';
import { isReadCommand, prepareReadCommand } from './read-commands.ts';
import type { CommandOutput } from './read-commands.ts';
import type { Sandbox } from './sandbox.ts';
import { parseSearch } from './search-command.ts';
import { findProgram, trustedPath } from './trusted-path.ts';

/** `off`: nothing. `safe`: the read-only table. `full`: anything, each run asked for, in the workspace sandbox. */
export type CommandMode = 'off' | 'safe' | 'full';

export type CommandDecision =
  | { readonly verdict: 'refused'; readonly reason: string }
  | {
      readonly verdict: 'builtin';
      readonly argv: readonly string[];
      readonly run: () => Promise<CommandOutput>;
    }
  | {
      readonly verdict: 'exec';
      /** Absolute program and exactly what it gets. */
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly sandbox: 'ro' | 'ws';
      /** Whether a person must allow this very run. */
      readonly approval: 'none' | 'each';
    };

export interface CommandGuardDeps {
  root: Root;
  /** Runs git once to learn the names of configured filters; always in the profile `ro`. */
  sandbox: Sandbox;
  tokenise?: (text: string) => Promise<Tokens>;
  /** Absolute path of ripgrep if it is not in a trusted directory. */
  ripgrep?: string;
}

const maximumFullText = 65_536;
const maximumFullArguments = 4096;

/** Decides about commands for one workspace. */
export interface CommandGuard {
  /**
   * A text is only tokenised; what is decided about, and what runs, are its words. Never throws for a bad command:
   * the verdict is `refused` with a reason that can be shown.
   */
  decide(command: string | readonly string[], mode: CommandMode): Promise<CommandDecision>;
}

const refused = (reason: string): CommandDecision => ({ verdict: 'refused', reason });

export function createCommandGuard(deps: CommandGuardDeps): CommandGuard {
  const tokenise = deps.tokenise ?? tokeniseBash;
  return {
    async decide(command, mode) {
      if (mode === 'off') return refused('Commands are switched off for this workspace.');
      deps.root.assertUnchanged();
      if (mode === 'full') return decideFull(deps.root, command);
      const tokens =
        typeof command === 'string' ? await tokenise(command) : { ok: true as const, argv: command };
      if (!tokens.ok) return refused(`Refused in safe mode: ${tokens.reason}.`);
      try {
        return await decideSafe(deps, tokens.argv);
      } catch (error) {
        if (error instanceof HostError && error.code !== 'internal') return refused(error.message);
        throw error;
      }
    },
  };
}

async function decideSafe(deps: CommandGuardDeps, argv: readonly string[]): Promise<CommandDecision> {
  const [name = '', ...rest] = argv;
  if (isReadCommand(name)) {
    const run = prepareReadCommand(argv, deps.root);
    return typeof run === 'string' ? refused(`${name}: ${run}`) : { verdict: 'builtin', argv, run };
  }
  if (name === 'rg') return decideSearch(deps, rest);
  if (name === 'git') return decideGit(deps, rest);
  const shown = JSON.stringify(name.slice(0, 60));
  return refused(
    `${shown} is not in the read-only table (pwd, ls, cat, head, tail, wc, rg, git status/diff/log/show/…).`,
  );
}

async function decideSearch(deps: CommandGuardDeps, argv: readonly string[]): Promise<CommandDecision> {
  const { root } = deps;
  const program = findProgram('rg', root.path) ?? deps.ripgrep;
  if (program === undefined) return refused('rg: ripgrep is not installed in a trusted directory.');
  const search = parseSearch(argv, root.blocked.patterns);
  if (typeof search === 'string') return refused(`rg: ${search}.`);
  for (const path of search.paths) await root.stat(path);
  const paths = search.paths.map((path) => `./${root.check(path)}`);
  const env = { PATH: trustedPath, LANG: 'C.UTF-8' };
  return {
    verdict: 'exec',
    argv: [program, ...search.before, '--', ...paths],
    env,
    sandbox: 'ro',
    approval: 'none',
  };
}

async function decideGit(deps: CommandGuardDeps, argv: readonly string[]): Promise<CommandDecision> {
  const { root } = deps;
  const [sub = '', ...rest] = argv;
  const table = Object.hasOwn(gitTables, sub) ? gitTables[sub] : undefined;
  if (!table) return refused(`git: ${JSON.stringify(sub.slice(0, 60))} is not in the read-only table.`);
  const git = findProgram('git', root.path);
  if (git === null) return refused('git is not installed in a trusted directory.');
  if (!fs.lstatSync(`${root.path}/.git`, { throwIfNoEntry: false })?.isDirectory()) {
    return refused('git: the workspace is not the top of a repository with its own .git directory.');
  }
  const parsed = parseByTable(table, rest);
  if (typeof parsed === 'string') return refused(`git ${sub}: ${parsed}.`);
  const operands = await gitOperands(root, sub, parsed);
  if (typeof operands === 'string') return refused(`git ${sub}: ${operands}`);
  const filters = await filterNames(deps, git);
  return {
    verdict: 'exec',
    argv: [
      git,
      ...gitOptions(root.path),
      sub,
      ...flagArguments(parsed),
      ...(gitSafety[sub] ?? []),
      ...operands,
    ],
    env: gitEnvironment(trustedPath, filters),
    sandbox: 'ro',
    approval: 'none',
  };
}

/** Revisions, then `--`, then paths and the excludes; a reason if something is neither. */
async function gitOperands(root: Root, sub: string, parsed: ParsedCommand): Promise<string[] | string> {
  if (sub === 'branch') return branchOperands(parsed);
  const revisions: string[] = [];
  const paths: string[] = (parsed.paths ?? []).map((path) => root.check(path));
  for (const word of parsed.words) {
    const kind = await classify(root, sub, word, parsed.paths !== null);
    if (kind === null)
      return `${JSON.stringify(word.slice(0, 80))} is neither a revision nor a path of the workspace.`;
    if (kind.path !== undefined) paths.push(kind.path);
    else revisions.push(kind.revision);
  }
  if (sub === 'rev-parse') return paths.length > 0 ? 'paths are not looked up.' : revisions;
  if (sub === 'blame') {
    return paths.length === 1 && revisions.length <= 1 ? [...revisions, '--', ...paths] : 'give one file.';
  }
  if (sub === 'show' && revisions.some((revision) => revision.includes(':'))) {
    return paths.length === 0 ? revisions : 'a file of a revision takes no further path.';
  }
  const wanted = paths.length === 0 ? [':(top)'] : paths.map((path) => `:(top,literal)${path}`);
  return [...revisions, '--', ...wanted, ...excludePathspecs(root.blocked.secretPatterns)];
}

type Operand = { readonly revision: string; readonly path?: undefined } | { readonly path: string };

async function classify(
  root: Root,
  sub: string,
  word: string,
  onlyRevisions: boolean,
): Promise<Operand | null> {
  if (sub === 'show' && word.includes(':')) {
    const [revision = '', ...path] = word.split(':');
    const inside = root.check(path.join(':'));
    return isRevision(revision) && inside !== '' ? { revision: `${revision}^{commit}:${inside}` } : null;
  }
  // Where a word could be either, an existing path wins, so that no path is passed without its checks.
  if (!onlyRevisions && sub !== 'rev-parse') {
    const found = await root.stat(word).catch((error: unknown) => error);
    if (!(found instanceof Error)) return { path: root.check(word) };
    if (found instanceof HostError && found.code !== 'not_found' && found.code !== 'invalid_input')
      throw found;
  }
  if (sub === 'rev-parse') return isRevision(word) ? { revision: word } : null;
  const revision = peelRevision(word);
  return revision === null || sub === 'ls-files' || sub === 'status' ? null : { revision };
}

/** `git branch NAME` creates a branch; a name is a pattern only beside an explicit `--list`. */
function branchOperands(parsed: ParsedCommand): string[] | string {
  const listing = parsed.flags.some((flag) => flag.name === '--list' || flag.name === '-l');
  const words = [...parsed.words, ...(parsed.paths ?? [])];
  const revisions = parsed.flags.filter((flag) => /^--(?:no-)?(?:contains|merged)$/.test(flag.name));
  if (revisions.some((flag) => !isRevision(flag.value ?? ''))) return 'that is not a revision.';
  if (words.length > 0 && !listing) return 'a name without --list would create a branch.';
  if (!words.every((word) => /^[A-Za-z0-9_./*-]{1,200}$/.test(word))) return 'that is not a branch pattern.';
  // --show-current excludes --list; it takes no name, so it cannot create a branch either.
  if (parsed.flags.length === 1 && parsed.flags[0]?.name === '--show-current') return [];
  return ['--list', '--', ...words];
}

async function filterNames(deps: CommandGuardDeps, git: string): Promise<string[]> {
  const { root, sandbox } = deps;
  const result = await sandbox.run({
    ...{ profile: 'ro', root: root.path, timeoutMs: 5000, maxOutputBytes: 262_144, blocked: root.blocked },
    argv: [git, ...gitOptions(root.path), 'config', '-z', '--name-only', '--get-regexp', '^filter\\.'],
    env: gitEnvironment(trustedPath, []),
  });
  if (result.truncated || result.timedOut || (result.code !== 0 && result.code !== 1)) {
    throw new HostError(
      'unavailable',
      `git: its configuration could not be read: ${result.stderr.slice(0, 200).trim()}`,
    );
  }
  const names = result.stdout.split('\0').flatMap((key) => /^filter\.([^]+)\.[^.]+$/.exec(key)?.[1] ?? []);
  return [...new Set(names)];
}

function decideFull(root: Root, command: string | readonly string[]): CommandDecision {
  const env = { PATH: trustedPath, LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1', CI: '1' };
  const exec = (argv: readonly string[]): CommandDecision => ({
    verdict: 'exec',
    argv,
    env,
    sandbox: 'ws',
    approval: 'each',
  });
  if (typeof command === 'string') {
    if (command.length > maximumFullText || command.includes('\0')) {
      return refused(`The command is longer than ${maximumFullText} characters or contains NUL.`);
    }
    const bash = findProgram('bash', root.path);
    return bash === null
      ? refused('bash is not installed.')
      : exec([bash, '--noprofile', '--norc', '-c', command]);
  }
  const [name = '', ...rest] = command;
  const size = command.reduce((sum, word) => sum + word.length, 0);
  if (
    rest.length > maximumFullArguments ||
    size > maximumFullText * 2 ||
    command.some((word) => word.includes('\0'))
  ) {
    return refused('The command has too many or too long arguments, or contains NUL.');
  }
  try {
    // A program of the workspace is named by its path; a bare name is never looked up there.
    if (name.includes('/')) return exec([`${root.path}/${root.check(name)}`, ...rest]);
  } catch (error) {
    if (error instanceof HostError) return refused(error.message);
    throw error;
  }
  const program = findProgram(name, root.path);
  return program === null
    ? refused(`${JSON.stringify(name.slice(0, 60))} is not in a trusted directory.`)
    : exec([program, ...rest]);
}
