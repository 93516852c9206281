import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { tunnelEnvironment } from './tunnel-arguments.ts';

/** `--output json` came with this version, `--token-file` before. */
const MINIMUM = [2025, 6, 1] as const;
const VERSION_TIMEOUT_MS = 10_000;
const MAX_OUTPUT = 4096;
const FILE_NAME = process.platform === 'win32' ? 'cloudflared.exe' : 'cloudflared';

export interface BinaryDeps {
  readonly binDir: string;
  readonly runDir: string;
  readonly configBinary: string | undefined;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly processGroups: ProcessGroups;
  readonly clock: Clock;
}

export interface Cloudflared {
  readonly path: string;
  readonly version: string;
}

/**
 * The cloudflared to use: the configured one, else the one in the home directory, else the first on the PATH.
 * @throws HostError `unavailable` when there is none or it is too old: the message says what to do
 */
export async function findCloudflared(deps: BinaryDeps): Promise<Cloudflared> {
  const path = await locate(deps);
  const version = await versionOf(path, deps);
  if (isAtLeast(version, MINIMUM)) return { path, version };
  throw new HostError(
    'unavailable',
    `${path} is version ${version}; at least ${MINIMUM.join('.')} is needed. ${howToInstall(process.platform)}`,
    { path, version },
  );
}

async function locate({ configBinary, binDir, hostEnv }: BinaryDeps): Promise<string> {
  if (configBinary !== undefined) {
    if (isAbsolute(configBinary) && (await isProgram(configBinary))) return configBinary;
    // A path that somebody wrote down is meant: another program must not quietly take its place.
    throw new HostError('unavailable', `tunnel.binary of the configuration, ${configBinary}, is no program`);
  }
  const folders = [binDir, ...(hostEnv['PATH'] ?? '').split(delimiter).filter(isAbsolute)];
  for (const folder of folders) {
    const path = join(folder, FILE_NAME);
    if (await isProgram(path)) return path;
  }
  throw new HostError('unavailable', `cloudflared was not found. ${howToInstall(process.platform)}`);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function versionOf(path: string, deps: BinaryDeps): Promise<string> {
  const group = await deps.processGroups.spawn({
    argv: [path, '--version'],
    cwd: deps.runDir,
    env: tunnelEnvironment(deps.hostEnv),
    label: 'cloudflared --version',
    graceMs: 1000,
  });
  let output = '';
  group.stderr.resume();
  group.stdout.on('data', (chunk: Buffer) => {
    if (output.length < MAX_OUTPUT) output += chunk.toString('utf8');
  });
  const cancel = deps.clock.after(VERSION_TIMEOUT_MS, () => void group.stop());
  await group.exited;
  cancel();
  const version = /cloudflared version (\d{4}\.\d{1,2}\.\d{1,3})/.exec(output)?.[1];
  if (version !== undefined) return version;
  throw new HostError('unavailable', `${path} does not say which version of cloudflared it is`, { path });
}

function isAtLeast(version: string, minimum: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, least] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function howToInstall(platform: NodeJS.Platform): string {
  const own = 'or put its path into tunnel.binary of the configuration';
  if (platform === 'darwin') return `Install it with \`brew install cloudflared\`, ${own}.`;
  if (platform === 'win32') return `Install it with \`winget install Cloudflare.cloudflared\`, ${own}.`;
  return `Install it from https://pkg.cloudflare.com (package \`cloudflared\`), ${own}.`;
}
