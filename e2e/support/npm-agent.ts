import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from '../../build/lib/lock.mjs';
import { endGroup } from './process-tree.ts';

const INSTALL_MS = 300_000;

/** A program that others wrote, at exactly one version of the npm registry. */
export interface NpmAgent {
  readonly package: string;
  readonly version: string;
  /** Of the package, as the registry publishes it: another content under the same version is not taken. */
  readonly integrity: string;
  /** Below `node_modules`. */
  readonly program: string;
  /** Roughly what is fetched, for whoever waits. */
  readonly megabytes: number;
}

/** Where a person's programs keep what can be fetched again. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'signalbox', 'e2e');
}

/**
 * Installs it once, and keeps it between runs outside the checkout.
 * @returns the path of its program
 */
export async function installAgent(agent: NpmAgent): Promise<string> {
  const { version } = agent;
  const name = agent.package.split('/').at(-1) ?? agent.package;
  const target = join(cacheFolder(), `${name}-${version}`);
  const program = join(target, 'node_modules', agent.program);
  if (existsSync(program)) return program;
  await withLock(`${target}.lock`, async () => {
    if (existsSync(program)) return;
    mkdirSync(dirname(target), { recursive: true });
    const work = mkdtempSync(`${target}.making-`);
    const started = performance.now();
    process.stderr.write(`${agent.package}@${version} is fetched once, about ${agent.megabytes} MB …\n`);
    try {
      writeFileSync(join(work, 'package.json'), '{ "private": true }\n');
      const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
      await npm(work, ['install', ...flags, `${agent.package}@${version}`]);
      checkIntegrity(work, agent);
      rmSync(target, { recursive: true, force: true });
      renameSync(work, target);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stderr.write(`${agent.package}@${version} is there, after ${seconds} s\n`);
  });
  if (!existsSync(program))
    throw new Error(`${agent.package}@${version} was installed, but ${program} is not there`);
  return program;
}

function checkIntegrity(work: string, agent: NpmAgent): void {
  const lock = readFileSync(join(work, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lock) as { packages: Record<string, { integrity?: string }> };
  const found = packages[`node_modules/${agent.package}`]?.integrity;
  if (found !== agent.integrity)
    throw new Error(`${agent.package}@${agent.version} is not what it was: ${found ?? 'no integrity'}`);
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
