import * as fs from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/** Directories from which programs are taken; never the PATH of the environment, never the workspace. */
export const trustedDirectories: readonly string[] =
  process.platform === 'win32'
    ? ['C:\\Windows\\System32', 'C:\\Program Files\\Git\\cmd']
    : ['/usr/bin', '/bin', '/usr/local/bin', '/opt/homebrew/bin', '/run/current-system/sw/bin'];

export const trustedPath = trustedDirectories.join(delimiter);

/**
 * Absolute real path of a program in a trusted directory, or null. A candidate inside `forbidden` (the workspace) is
 * passed over, also when a link leads there.
 */
export function findProgram(
  name: string,
  forbidden: string,
  directories: readonly string[] = trustedDirectories,
): string | null {
  if (!/^[a-z][a-z0-9._-]{0,63}$/i.test(name)) return null;
  for (const directory of directories) {
    const candidate = usable(join(directory, process.platform === 'win32' ? `${name}.exe` : name));
    if (candidate !== null && candidate !== forbidden && !candidate.startsWith(forbidden + sep))
      return candidate;
  }
  return null;
}

function usable(path: string): string | null {
  try {
    const real = fs.realpathSync(path);
    fs.accessSync(real, fs.constants.X_OK);
    return fs.statSync(real).isFile() ? real : null;
  } catch {
    return null;
  }
}
