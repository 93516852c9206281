import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import * as z from 'zod';
import { readSmallJson } from './small-file.ts';

/** A program lies at most so deep in its package. */
const MAX_LEVELS = 6;

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});

/**
 * The version of the npm package that brought a program along, from the package.json beside it; null when it is of no
 * package, or of one that does not name this file as its program. Reads files only.
 * @param program an absolute path; the links that npm makes are followed
 */
export async function packageVersion(program: string): Promise<string | null> {
  let file: string;
  try {
    file = await realpath(program);
  } catch {
    return null;
  }
  let folder = dirname(file);
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const manifest = await readManifest(join(folder, 'package.json'));
    // A package.json without name and version only sets the type of the modules in its folder.
    if (manifest) return names(manifest, folder, file) ? (versionIn(manifest.version) ?? null) : null;
    const above = dirname(folder);
    if (above === folder || basename(above) === 'node_modules') return null;
    folder = above;
  }
  return null;
}

/** The first thing in a text that looks like a version: `codex-acp 0.16.0` gives `0.16.0`. Pure. */
export function versionIn(text: string): string | undefined {
  return /(?<![\w.])v?(\d{1,6}(?:\.\d{1,6}){1,3}(?:[-+][0-9A-Za-z.+-]{1,32})?)/.exec(
    text.slice(0, 4096),
  )?.[1];
}

function names({ bin }: z.infer<typeof Manifest>, folder: string, file: string): boolean {
  // Packages with the program for one platform name none: they are there for another package.
  if (bin === undefined) return folder.includes(`${sep}node_modules${sep}`);
  const files = typeof bin === 'string' ? [bin] : Object.values(bin);
  return files.some((path) => resolve(folder, path) === file);
}

async function readManifest(path: string): Promise<z.infer<typeof Manifest> | null> {
  const parsed = Manifest.safeParse(await readSmallJson(path));
  return parsed.success ? parsed.data : null;
}
