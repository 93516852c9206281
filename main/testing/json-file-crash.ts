import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary.ts';

/** Writes the settings again and again, each time so much that it takes a while, and a dot when one is done. */
const WRITER = `import { updateJsonFile } from '../services/agents/update-json-file.ts';
for (let i = 1; ; i += 1) {
  updateJsonFile(process.argv[2], (value) => ({ ...value, count: i, filler: 'x'.repeat(200_000) + i }));
  process.stdout.write('.');
}`;

/**
 * Kills a program that writes the settings of an agent, in the middle of whatever it does after a few writes.
 * @returns after how many of the kills the file was whole: one that was written, with what was not to be changed
 */
export async function killedWhileWriting(rounds: number): Promise<number> {
  const folder = temporaryFolder('json-crash');
  const script = join(folder, 'writer.mjs');
  await build({
    stdin: { contents: WRITER, resolveDir: import.meta.dirname, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: script, logLevel: 'error' },
  });
  const file = join(folder, 'settings.json');
  writeFileSync(file, '{"mine":"stays"}');
  let whole = 0;
  for (let round = 0; round < rounds; round += 1) {
    await killAfter(script, file, 2 + (round % 7));
    if (isWhole(file)) whole += 1;
  }
  return whole;
}

function killAfter(script: string, file: string, writes: number): Promise<void> {
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = 0;
  child.stdout.on('data', (dots: Buffer) => {
    seen += dots.length;
    if (seen >= writes) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function isWhole(file: string): boolean {
  const { mine, count, filler } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const isWritten = typeof count === 'number' && filler === `${'x'.repeat(200_000)}${count}`;
  return mine === 'stays' && isWritten && (statSync(file).mode & 0o777) === 0o600;
}
