import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from '../../build/lib/lock.mjs';
import { endGroup } from './process-tree.ts';

const PACKAGE = '@zed-industries/codex-acp';
const VERSION = '0.16.0';
const INSTALL_MS = 300_000;

/** Where a person's programs keep what can be fetched again. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'signalbox', 'e2e');
}

/**
 * An agent that others wrote, from the npm registry at exactly one version, kept between runs outside the checkout.
 * @returns its program, to be started with Node
 */
export async function installCodexAcp(): Promise<string> {
  const target = join(cacheFolder(), `codex-acp-${VERSION}`);
  const program = join(target, 'node_modules', PACKAGE, 'bin', 'codex-acp.js');
  if (existsSync(program)) return program;
  await withLock(`${target}.lock`, async () => {
    if (existsSync(program)) return;
    mkdirSync(dirname(target), { recursive: true });
    const work = mkdtempSync(`${target}.making-`);
    try {
      writeFileSync(join(work, 'package.json'), '{ "private": true }\n');
      await npm(work, [
        'install',
        '--ignore-scripts',
        '--no-save',
        '--no-audit',
        '--no-fund',
        `${PACKAGE}@${VERSION}`,
      ]);
      rmSync(target, { recursive: true, force: true });
      renameSync(work, target);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
  if (!existsSync(program))
    throw new Error(`${PACKAGE}@${VERSION} was installed, but ${program} is not there`);
  return program;
}

function npm(cwd: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const timer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), INSTALL_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${said.slice(-2000)}`));
    });
  });
}
