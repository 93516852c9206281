import { readFile, stat } from 'node:fs/promises';
import { Failure, usage } from '../failure.ts';

const MAX_TOKEN_FILE = 4096;

export interface TokenSource {
  readonly file?: string;
  /** Name of an environment variable. */
  readonly variable?: string;
}

/**
 * The bearer token, from a file or the environment; an argument would show it to every user of the machine.
 * @returns null when none was asked for
 * @throws Failure `not_found` or `invalid_input`, which name the source and never its content
 */
export async function readToken(
  source: TokenSource,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const { file, variable } = source;
  if (file !== undefined && variable !== undefined) throw usage('give --token-file or --token-env, not both');
  if (variable !== undefined) {
    const value = env[variable];
    if (value === undefined || value === '') throw usage(`the environment variable ${variable} is not set`);
    return checked(value, `the environment variable ${variable}`);
  }
  if (file === undefined) return null;
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Failure('not_found', `there is no token file ${file}`);
  if (found.size > MAX_TOKEN_FILE) throw usage(`${file} is too large for a token`);
  return checked(await readFile(file, 'utf8'), file);
}

function checked(text: string, source: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw usage(`${source} does not hold one token`);
  return token;
}
