import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from './failure.ts';

const NAMES = ['signalbox.yaml', 'agent-procs.yaml'];

/**
 * The file that was named, else the first one under a known name in this folder or the nearest one above it; always
 * absolute.
 * @throws Failure `not_found` when nothing was named and there is none
 */
export function projectFile(named: string | undefined, folder: string): string {
  if (named !== undefined) return resolve(folder, named);
  const start = resolve(folder);
  for (let at = start; ; at = dirname(at)) {
    const found = NAMES.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (dirname(at) === at) break;
  }
  throw new Failure('not_found', `there is no signalbox.yaml in ${start} or above it; name a file`);
}
