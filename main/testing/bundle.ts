import { build } from 'esbuild';
import { join } from 'node:path';

const done = new Map<string, Promise<string>>();

/**
 * A program of ours as one file that Node runs; made once in each test process.
 * @param packages whether what is not ours is in the file too
 * @returns its path
 */
export function bundleProgram(source: string, packages: 'bundle' | 'external' = 'external'): Promise<string> {
  const name = source.replace(/^.*\//, '').replace(/\.ts$/, '');
  const known = done.get(source);
  if (known) return known;
  const outfile = join(
    process.cwd(),
    'node_modules',
    '.cache',
    'signalbox-test',
    `${name}-${process.pid}.mjs`,
  );
  const made = build({
    entryPoints: [source],
    ...{ bundle: true, packages, platform: 'node', format: 'esm' },
    outfile,
    logLevel: 'error',
  }).then(() => outfile);
  done.set(source, made);
  return made;
}

export const bundleShim = (): Promise<string> => bundleProgram('main/services/supervisor/shim/shim-main.ts');

/** The built-in agent as the one file that it is shipped as. */
export const bundleDemoAgent = (): Promise<string> =>
  bundleProgram('main/services/agents/demo-agent.ts', 'bundle');
