import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostError } from '../../contract/errors.ts';
import { createBlockList } from './blocked-paths.ts';
import type { BlockList } from './blocked-paths.ts';
import { runBounded } from './bounded-process.ts';
import type { BoundedRun, RunResult } from './bounded-process.ts';
import { bubblewrapArguments, limited } from './bubblewrap.ts';
import type { Limits, Masks, SandboxProfile } from './bubblewrap.ts';
import { findMasks } from './sandbox-masks.ts';
import { seatbeltArguments } from './seatbelt.ts';
import { buildSeccompFilter } from './seccomp.ts';
import { findProgram } from './trusted-path.ts';

export interface SandboxedRun {
  profile: SandboxProfile;
  /** Absolute path of the workspace. */
  root: string;
  /** Workspace-relative working directory, already through the path guard. */
  cwd?: string;
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  maxOutputBytes: number;
  signal?: AbortSignal;
  /** Given, output goes there as it comes instead of into the result, without a cap. */
  onOutput?: (chunk: Uint8Array) => void;
  /** The caller's last look, right before the start; what it throws is thrown, nothing is started. */
  beforeStart?: () => void;
  /** What is hidden; the default list if absent. */
  blocked?: BlockList;
}

export interface SandboxProbe {
  readonly kind: 'bubblewrap' | 'seatbelt' | 'none';
  readonly ok: boolean;
  /** What is missing and what to do about it, or which sandbox is in use. */
  readonly message: string;
}

export interface Sandbox {
  /** Tried once, at the first call. */
  probe(): Promise<SandboxProbe>;
  /**
   * Runs a command in a profile. Fails closed: without a working sandbox only the profile `none` runs.
   * @throws HostError `unavailable` without a sandbox, `not_found` if the program is missing, `too_large` (masks).
   */
  run(run: SandboxedRun): Promise<RunResult>;
}

export interface SandboxDeps {
  platform?: NodeJS.Platform;
  arch?: string;
  /** For tests: where bubblewrap is, null = not installed. */
  bubblewrap?: string | null;
}

interface Prepared {
  readonly probe: SandboxProbe;
  readonly program: string;
  readonly disableUserns: boolean;
  readonly seccomp: Buffer | null;
}

/** The operating system's sandbox behind one face: bubblewrap on Linux, seatbelt on macOS, none on Windows yet. */
export function createSandbox(deps: SandboxDeps = {}): Sandbox {
  const platform = deps.platform ?? process.platform;
  let prepared: Promise<Prepared> | undefined;
  const prepare = (): Promise<Prepared> => (prepared ??= probeSystem(platform, deps));
  return {
    probe: async () => (await prepare()).probe,
    async run(run) {
      const program = run.argv[0];
      if (program === undefined) throw new HostError('invalid_input', 'The command is empty.');
      assertDirectory(run.root);
      if (run.profile === 'none') {
        return runBounded(bounded(run, [...limited(limitsFor(run, false)), ...run.argv]));
      }
      const system = await prepare();
      if (!system.probe.ok)
        throw new HostError('unavailable', system.probe.message, { sandbox: system.probe.kind });
      const masks = await findMasks(run.root, run.blocked ?? createBlockList());
      const profile = run.profile;
      return system.probe.kind === 'seatbelt'
        ? runSeatbelt(system, run, profile, masks)
        : runBubblewrap(system, run, profile, masks);
    },
  };
}

const shared = createSandbox();

/** {@link Sandbox.run} of one sandbox shared by the whole process. */
export const runSandboxed = (run: SandboxedRun): Promise<RunResult> => shared.run(run);

async function probeSystem(platform: NodeJS.Platform, deps: SandboxDeps): Promise<Prepared> {
  if (platform === 'linux') return probeBubblewrap(deps);
  const exec = '/usr/bin/sandbox-exec';
  const seatbelt = platform === 'darwin' && fs.existsSync(exec);
  const message = seatbelt
    ? 'Commands run in the macOS sandbox (sandbox-exec).'
    : `No sandbox is available on ${platform}; only the built-in read commands run.`;
  const probe: SandboxProbe = { kind: seatbelt ? 'seatbelt' : 'none', ok: seatbelt, message };
  return { probe, program: exec, disableUserns: false, seccomp: null };
}

async function probeBubblewrap(deps: SandboxDeps): Promise<Prepared> {
  const program = deps.bubblewrap === undefined ? findProgram('bwrap', '/nonexistent') : deps.bubblewrap;
  const seccomp = buildSeccompFilter(deps.arch ?? process.arch);
  const failed = (message: string): Prepared => ({
    probe: { kind: 'bubblewrap', ok: false, message },
    program: program ?? '',
    disableUserns: false,
    seccomp: null,
  });
  if (program === null) {
    return failed(
      'Commands need bubblewrap: install it ("apt install bubblewrap" or "dnf install bubblewrap").',
    );
  }
  let reason = '';
  for (const disableUserns of [true, false]) {
    const system: Prepared = {
      probe: { kind: 'bubblewrap', ok: true, message: `Commands run in bubblewrap (${program}).` },
      program,
      disableUserns,
      seccomp,
    };
    const root = fs.mkdtempSync(join(tmpdir(), 'signalbox-probe-'));
    try {
      const run: SandboxedRun = {
        profile: 'ro',
        root,
        argv: ['/bin/true'],
        env: {},
        timeoutMs: 5000,
        maxOutputBytes: 4096,
      };
      const result = await runBubblewrap(system, run, 'ro', { files: [], directories: [], readOnly: [] });
      if (result.code === 0) return system;
      reason = result.stderr.trim().slice(0, 200);
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  }
  return failed(
    `bubblewrap does not work here (${reason}). Unprivileged user namespaces may be switched off ` +
      '(sysctl kernel.unprivileged_userns_clone, or an AppArmor profile for bwrap on Ubuntu 24.04).',
  );
}

async function runBubblewrap(
  system: Prepared,
  run: SandboxedRun,
  profile: Exclude<SandboxProfile, 'none'>,
  masks: Masks,
): Promise<RunResult> {
  const temporary = fs.mkdtempSync(join(tmpdir(), 'signalbox-run-'));
  const emptyFile = join(temporary, 'empty');
  fs.writeFileSync(emptyFile, '');
  const filter = system.seccomp === null ? null : openFilter(join(temporary, 'filter'), system.seccomp);
  try {
    const programs = run.argv.slice(0, 1).filter((path) => needsBind(path, run.root));
    const args = bubblewrapArguments(
      {
        ...{ profile, root: run.root, cwd: run.cwd ?? '', masks, emptyFile, programs },
        ...{ seccompFd: filter === null ? null : 3, disableUserns: system.disableUserns },
        limits: limitsFor(run, true),
      },
      run.argv,
    );
    const env = { ...run.env, HOME: '/tmp/home', TMPDIR: '/tmp' };
    const descriptors = filter === null ? [] : [filter];
    return await runBounded({ ...bounded(run, [system.program, ...args]), cwd: '/', env, descriptors });
  } finally {
    if (filter !== null) fs.closeSync(filter);
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

async function runSeatbelt(
  system: Prepared,
  run: SandboxedRun,
  profile: Exclude<SandboxProfile, 'none'>,
  masks: Masks,
): Promise<RunResult> {
  const temporary = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'signalbox-run-')));
  try {
    const programs = run.argv.slice(0, 1);
    const args = seatbeltArguments({ profile, root: run.root, masks, programs, temporary }, run.argv);
    const env = { ...run.env, HOME: temporary, TMPDIR: temporary };
    return await runBounded({ ...bounded(run, [system.program, ...args]), env });
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

function bounded(run: SandboxedRun, argv: readonly string[]): BoundedRun {
  const { env, timeoutMs, maxOutputBytes, signal, beforeStart, onOutput } = run;
  const cwd = join(run.root, run.cwd ?? '');
  return { argv, cwd, env, timeoutMs, maxOutputBytes, signal, beforeStart, onOutput };
}

/** The number of processes is counted per user outside a user namespace, so it is limited only inside one. */
function limitsFor(run: SandboxedRun, namespaced: boolean): Limits | null {
  const prlimit = findProgram('prlimit', run.root);
  if (prlimit === null) return null;
  const cpuSeconds = Math.ceil(run.timeoutMs / 1000) * 4;
  return { prlimit, cpuSeconds, processes: namespaced ? 512 : 32_768, fileBytes: 2 ** 31, openFiles: 1024 };
}

function openFilter(path: string, filter: Buffer): number {
  const fd = fs.openSync(path, 'w+', 0o600);
  // Written by position, so that bubblewrap reads from the start.
  fs.writeSync(fd, filter, 0, filter.length, 0);
  return fd;
}

const needsBind = (path: string, root: string): boolean =>
  path.startsWith('/') && !path.startsWith(`${root}/`) && !/^\/(?:usr|bin|sbin|lib|lib64)\//.test(path);

/** A workspace that contains the system itself cannot be separated from it. */
function assertDirectory(root: string): void {
  if (/^\/(?:|usr|etc|bin|sbin|lib\w*|proc|sys|dev|var|home|root\/?|tmp|Users)$/.test(root)) {
    throw new HostError('not_permitted', `"${root}" cannot be a workspace: it contains more than a project.`);
  }
  if (!fs.lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new HostError('not_found', `The workspace "${root}" is not a directory.`);
  }
}
