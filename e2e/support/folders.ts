import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface TempFolder {
  readonly path: string;
  remove(): void;
}

/** A folder of its own, by its real path, so that it compares equal to what a host resolved. */
export function tempFolder(name: string, base = tmpdir()): TempFolder {
  mkdirSync(base, { recursive: true });
  const path = realpathSync(mkdtempSync(join(base, `signalbox-e2e-${name}-`)));
  // Node removes again what a process that is just ending wrote meanwhile.
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

/** The home of a host that nobody has used yet. */
export function tempHome(config?: string): TempFolder {
  const home = tempFolder('home');
  if (config !== undefined) writeFileSync(join(home.path, 'config.yaml'), config, { mode: 0o600 });
  return home;
}

/** A real git repository with one commit. */
export function tempRepository(files: Readonly<Record<string, string>>, base?: string): TempFolder {
  const folder = tempFolder('repository', base);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  }
  git(folder.path, 'init', '-q', '-b', 'main');
  git(folder.path, 'add', '-A');
  git(folder.path, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-qm', 'start');
  return folder;
}

export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Where a journey leaves its pictures: `e2e/output/<journey>/`, emptied when the journey begins. */
export function outputFolder(journey: string): string {
  const path = join(ROOT, 'e2e', 'output', journey);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  return path;
}
