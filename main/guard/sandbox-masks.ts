import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../../contract/errors.ts';
import type { BlockList } from './blocked-paths.ts';
import type { Masks } from './bubblewrap.ts';

/** Directories that are never searched for secrets: large, generated, and not the owner's writing. */
const unsearched = new Set(['node_modules', '.git', '.venv', 'target', '.next', '.cache']);
/** What a command could use to run code outside the sandbox later stays as it is. */
const protectedPaths = [
  ...[
    '.git/config',
    '.git/hooks',
    '.git/info',
    '.git/modules',
    '.gitmodules',
    '.gitattributes',
    '.signalbox',
  ],
  ...[
    '.github/workflows',
    '.gitlab-ci.yml',
    '.circleci',
    '.vscode',
    '.idea',
    '.envrc',
    '.husky',
    '.mcp.json',
  ],
  ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'Cargo.lock'],
];
const maximumEntries = 300_000;

/**
 * Looks for what a sandboxed command must not see (the secret patterns of the block list) and what it must not change.
 * Links are not followed. `.git` itself stays visible, without its hooks.
 *
 * @throws HostError `too_large` when the workspace has more than 300,000 entries: then nothing can be promised.
 */
export async function findMasks(root: string, blocked: BlockList): Promise<Masks> {
  const files: string[] = [];
  const directories: string[] = [];
  const pending = [''];
  let seen = 0;
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const entry of await readDirectory(join(root, directory))) {
      seen += 1;
      if (seen > maximumEntries) {
        throw new HostError(
          'too_large',
          `The workspace has more than ${maximumEntries} entries; secrets cannot be hidden.`,
        );
      }
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      const secret = blocked.matchSecret([entry.name]) ?? blocked.matchSecret(path.split('/'));
      if (entry.name === '.git') {
        if (entry.isDirectory()) directories.push(...(await existing(root, [`${path}/hooks`])));
      } else if (secret !== null && entry.isDirectory()) directories.push(path);
      else if (secret !== null && entry.isFile()) files.push(path);
      else if (entry.isDirectory() && !unsearched.has(entry.name)) pending.push(path);
    }
  }
  return { files, directories, readOnly: await existing(root, protectedPaths) };
}

async function readDirectory(path: string) {
  try {
    return await fs.readdir(path, { withFileTypes: true });
  } catch {
    // Removed meanwhile, or not readable: then the command cannot read it either.
    return [];
  }
}

async function existing(root: string, paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const stat = await fs.lstat(join(root, path)).catch(() => null);
      return stat !== null && (stat.isFile() || stat.isDirectory()) ? [path] : [];
    }),
  );
  return found.flat();
}
