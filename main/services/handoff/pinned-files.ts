import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { findOwnerProgram } from '../../guard/owner-command.ts';
import { readProgram } from '../../guard/program-identity.ts';

/** Programs that run the file that is named after them. */
const INTERPRETER = /^(?:node|deno|bun|tsx|python|pypy|perl|ruby|php|lua|sh|bash|dash|zsh|ksh|fish)[\d.]*$/;

/** The files that a command consists of, as they were when they were looked at first. */
export interface PinnedFiles {
  /** The name of one that is another one by now, or null. */
  changed(): Promise<string | null>;
}

/**
 * Remembers the program of a command, and the script where the program is an interpreter. A reviewer that lies in the
 * workspace could else be rewritten by the agent that it is to judge.
 * @param argv the words of the command with their values
 * @throws HostError `not_found` when there is no such program
 */
export async function pinFiles(
  argv: readonly string[],
  folder: string,
  hostEnv: Readonly<Record<string, string | undefined>>,
): Promise<PinnedFiles> {
  const [name = '', ...words] = argv;
  const program = findOwnerProgram(name, folder, hostEnv);
  const script = INTERPRETER.test(basename(name))
    ? words.find((word) => !word.startsWith('-') && isFile(resolve(folder, word)))
    : undefined;
  const files = [program, ...(script === undefined ? [] : [resolve(folder, script)])];
  const pins = await Promise.all(files.map(async (path) => ({ path, sha256: await hashOf(path) })));
  return {
    async changed() {
      for (const { path, sha256 } of pins) if ((await hashOf(path)) !== sha256) return path;
      return null;
    },
  };
}

/** Null for what cannot be read: a program may be run by who cannot read it, and then it cannot be written either. */
async function hashOf(path: string): Promise<string | null> {
  return readProgram(path).then(
    (found) => found.sha256,
    () => null,
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
