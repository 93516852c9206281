import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { InputOf } from '../../../contract/commands.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type * as z from 'zod';
import { ProcessDefinition as Definition, type ProcessDefinition } from '../../../contract/supervisor.ts';
import type { AuditEntry } from '../../kernel/auditor.ts';
import { createByteStreams } from '../../kernel/byte-streams.ts';
import { deviceCaller, ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import { createProcessGroups } from '../../kernel/process-groups.ts';
import type { SupervisorDeps } from './ports.ts';
import { insideConnector, socketConnector } from './shim/connect.ts';
import { createLogSink } from './logs/log-sink.ts';
import { createProcessScan, shareScans } from './shim/run-members.ts';
import { createSupervisor } from './supervisor.ts';

/** Real time, for tests with real children. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Bytes that are all the same: the jitter is what the test says. */
export function fixedRandom(ids = 'id-'): RandomSource {
  let last = 0;
  return { bytes: (count) => new Uint8Array(count).fill(0x80), id: () => `${ids}${(last += 1)}` };
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };
export const owner = ownerCaller('cli');
export const viewer = deviceCaller('d1' as never, 'view');

function connectorOf(folder: string, program: string | undefined) {
  const pipesFolder = join(folder, 'pipes');
  if (program !== undefined) {
    return socketConnector({
      argv: [process.execPath, '--max-semi-space-size=1', program],
      socket: join(folder, 'shim'),
      env: process.env,
      clock: realClock,
      pipesFolder,
    });
  }
  return insideConnector({
    clock: realClock,
    scan: shareScans(createProcessScan(), realClock),
    openSink: createLogSink,
    pipesFolder,
  });
}

/** A supervisor with real children, a real database and real logs in a folder of its own. */
export function createBench(
  options: {
    hostEnv?: Record<string, string>;
    clock?: Clock;
    more?: Partial<SupervisorDeps>;
    /** Of an earlier bench; one of its own if not given. */
    folder?: string;
    /** The bundled program of the shim; without one it lives inside. */
    shim?: string;
  } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'supervisor-'));
  // No run of any test may be taken for one of another.
  const ids = `${basename(folder)}-${randomBytes(3).toString('hex')}-`;
  const clock = options.clock ?? realClock;
  const db = openDatabase(join(folder, 'state.db'));
  const processGroups = createProcessGroups({ db, clock, log: silentLog });
  const events: HostEvent[] = [];
  const audit: AuditEntry[] = [];
  const listeners = new Set<() => void>();
  const auditor = { fails: false };
  const streams = createByteStreams({
    redactor: () => ({ push: (bytes) => Buffer.from(bytes).toString('utf8'), held: () => 0 }),
  });
  const make = () =>
    createSupervisor({
      db,
      clock,
      random: fixedRandom(ids),
      log: silentLog,
      publish(event) {
        events.push(event);
        for (const listener of [...listeners]) listener();
      },
      audit: {
        append: async (entry) => {
          if (auditor.fails) throw new Error('disk full');
          audit.push(entry);
        },
      },
      processGroups,
      streams,
      shim: connectorOf(folder, options.shim),
      logsDir: join(folder, 'logs'),
      hostEnv: options.hostEnv ?? { PATH: process.env['PATH'] ?? '', HOME: folder, SECRET_OF_HOST: 'no' },
      hostFolders: [join(folder, 'home')],
      sanitize: (text) => text.replaceAll('hunter2', '[secret]'),
      part: (text, from, to) => text.slice(from, to).replaceAll('hunter2', '[secret]'),
      ...options.more,
    });
  const supervisor = make();
  const state = (name: string) => supervisor.snapshot().find((one) => one.name === name);
  /** Resolves when the condition holds; looks again at every event. */
  async function until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`not in time; last: ${JSON.stringify(events.at(-1))}`));
      }, 10_000);
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  }
  return {
    folder,
    /** What every id of this bench begins with. */
    ids,
    db,
    streams,
    events,
    audit,
    auditor,
    processGroups,
    supervisor,
    call: supervisor.handlers,
    /** A second supervisor on the same database, as after a restart of the host. */
    make,
    state,
    until,
    /** Resolves when the process has ended for good. */
    settled: (name: string) =>
      until(() => ['exited', 'failed', 'stopped'].includes(state(name)?.state ?? '')),
    /** What the process has printed, as it lies on disk. */
    log: (name: string, stream = 'stdout') =>
      readFileSync(join(folder, 'logs', name, `${stream}.log`), 'utf8'),
    wait: (name: string, what: WaitFor, timeoutMs = 10_000) =>
      supervisor.handlers['supervisor.wait']({ name, until: what, timeoutMs }, viewer),
    /** Ends as a host that is killed: nothing is told, nothing is stopped. */
    async vanish() {
      const over = supervisor.vanish();
      db.close();
      await over;
    },
    async end() {
      await supervisor.stop();
      await processGroups.stopAll();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Bench = ReturnType<typeof createBench>;
type WaitFor = InputOf<'supervisor.wait'>['until'];

/** A shell line that never ends by itself. */
export const forever = 'while :; do sleep 60; done';

/** A port of this machine that nobody held a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A definition that runs a shell line. */
export function shell(
  name: string,
  line: string,
  more: Partial<z.input<typeof Definition>> = {},
): ProcessDefinition {
  return Definition.parse({ name, argv: ['/bin/sh', '-c', line], cwd: tmpdir(), ...more });
}
