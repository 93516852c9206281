import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { searchFolders } from './search-folders.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];

/**
 * The absolute path of a program, as this host would start it; null when there is none that may be executed. Nothing
 * is run. Beyond PATH, only a program counts that nobody else on the machine could have put there.
 */
export async function findProgram(program: string, env: Environment): Promise<string | null> {
  if (isAbsolute(program)) return (await isExecutable(program)) ? program : null;
  if (program === '' || /[/\\]/.test(program)) return null;
  const { onPath, beyond } = searchFolders(env);
  for (const folder of onPath) {
    const found = await inFolder(folder, program);
    if (found !== null) return found;
  }
  for (const folder of beyond) {
    const found = await inFolder(folder, program);
    if (found !== null && (await isPrivate(folder)) && (await isPrivate(found))) return found;
  }
  return null;
}

/**
 * PATH for a child whose program was found beyond PATH: with its folder and that of Node behind, because a program
 * from npm begins with `#!/usr/bin/env node`.
 */
export async function pathFor(program: string, env: Environment): Promise<string | undefined> {
  const { onPath } = searchFolders(env);
  const more = [dirname(program)];
  const node = await findProgram('node', env);
  if (node !== null) more.push(dirname(node));
  const missing = more.filter((folder) => !onPath.includes(folder));
  if (missing.length === 0) return env['PATH'];
  return [...new Set([...onPath, ...missing])].join(delimiter);
}

async function inFolder(folder: string, program: string): Promise<string | null> {
  for (const suffix of suffixes) {
    const candidate = join(folder, program + suffix);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Ours or the system's, and nobody else may write it. */
async function isPrivate(path: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const { uid, mode } = await stat(path);
  return (uid === 0 || uid === process.getuid?.()) && (mode & 0o002) === 0;
}
