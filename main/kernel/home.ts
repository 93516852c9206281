import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { HostError } from '../../contract/errors.ts';

/** Longest socket path that every system takes (sockaddr_un holds 104 bytes on macOS, 108 on Linux). */
const MAX_SOCKET_PATH = 103;

export interface Home {
  readonly root: string;
  readonly config: string;
  readonly database: string;
  readonly audit: string;
  readonly logs: string;
  readonly timelines: string;
  readonly bin: string;
  readonly run: string;
  readonly lock: string;
  readonly controlSocket: string;
  /** Where the process that holds the managed processes listens. */
  readonly shimSocket: string;
  /** Holds the path of the control socket while a host runs: whoever asks may have another environment. */
  readonly controlSocketFile: string;
  /** Outside of every home: what must not come back with a backup of one. */
  readonly anchors: string;
}

/** Which home a person means: the option, the environment, else the platform's data directory. */
export function homePath(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = option ?? env['SIGNALBOX_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'signalbox');
  if (process.platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'signalbox');
  const base = env['XDG_DATA_HOME'];
  return join(
    base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'share'),
    'signalbox',
  );
}

/** The layout of a home. Pure: makes nothing. */
export function homeLayout(root: string, env: NodeJS.ProcessEnv = process.env): Home {
  const run = join(root, 'run');
  return {
    root,
    config: join(root, 'config.yaml'),
    database: join(root, 'state.db'),
    audit: join(root, 'audit'),
    logs: join(root, 'logs'),
    timelines: join(root, 'timelines'),
    bin: join(root, 'bin'),
    run,
    lock: join(run, 'lock.db'),
    controlSocket: controlSocketPath(root, run, env),
    shimSocket: shimSocketPath(controlSocketPath(root, run, env)),
    controlSocketFile: join(run, 'control'),
    anchors: anchorFolder(env),
  };
}

function anchorFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'signalbox-anchors');
  if (process.platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'signalbox-anchors');
  const state = env['XDG_STATE_HOME'];
  const base = state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(base, 'signalbox', 'anchors');
}

/** Beside the control socket; `.shim` is no longer than `.sock`, so it fits where that fits. */
function shimSocketPath(controlSocket: string): string {
  return controlSocket.replace(/(?:\.sock)?$/, '.shim');
}

function controlSocketPath(root: string, run: string, env: NodeJS.ProcessEnv): string {
  const tag = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\signalbox-${tag}`;
  const runtime = env['XDG_RUNTIME_DIR'];
  const candidates = [
    ...(runtime !== undefined && isAbsolute(runtime) ? [join(runtime, 'signalbox', `${tag}.sock`)] : []),
    join(run, 'control.sock'),
    join(tmpdir(), `signalbox-${userInfo().uid}`, `${tag}.sock`),
  ];
  const fitting = candidates.find((path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH);
  if (fitting === undefined)
    throw new HostError('unavailable', 'no path for the control socket is short enough');
  return fitting;
}

/** Where the running host of a home listens: what it wrote down, else where one with this environment would. */
export function announcedSocket(home: Home): string {
  if (!existsSync(home.controlSocketFile)) return home.controlSocket;
  const announced = readFileSync(home.controlSocketFile, 'utf8').trim();
  return isAbsolute(announced) || announced.startsWith('\\\\') ? announced : home.controlSocket;
}

/** Makes the folders of a home, private to this user, and refuses one that somebody else owns. */
export function makeHome(home: Home): void {
  for (const folder of [home.root, home.audit, home.logs, home.timelines, home.bin, home.run])
    makePrivate(folder);
}

/** A folder of mode 0700 that is ours and no link. Throws HostError `unavailable` otherwise. */
export function makePrivate(folder: string): void {
  // What lies there already is judged below, so that a file or a link gets the same clear refusal.
  if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    throw new HostError(
      'unavailable',
      `${folder} must be a directory of this user, not a link or another user's`,
    );
  }
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
