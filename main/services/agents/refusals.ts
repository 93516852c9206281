import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { HostError } from '../../../contract/errors.ts';

/**
 * Refuses a program that could never be started as it stands. A bare name that is not found yet is taken: it may be
 * installed later.
 * @throws HostError `invalid_input` or `not_found`, with what would be right
 */
export async function refuseUnusableProgram(program: string): Promise<void> {
  if (program.trim() === '') throw new HostError('invalid_input', 'argv.0: a program is needed');
  if (!isAbsolute(program)) {
    if (!/[/\\]/.test(program)) return;
    throw new HostError(
      'invalid_input',
      'argv.0: give a program by its name on PATH or by its absolute path; a relative path would mean another file in each workspace',
      { program },
    );
  }
  const found = await stat(program).catch(() => null);
  if (!found) throw new HostError('not_found', `argv.0: there is no file ${program}`, { program });
  if (!found.isFile()) throw new HostError('invalid_input', `argv.0: ${program} is no file`, { program });
  await access(program, constants.X_OK).catch(() => {
    throw new HostError(
      'invalid_input',
      `argv.0: ${program} may not be executed; chmod +x it, or name its interpreter first`,
      { program },
    );
  });
}
