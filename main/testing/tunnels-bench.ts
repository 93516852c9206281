import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tunnelCommands, type TunnelStatus } from '../../contract/tunnels.ts';
import type { AuditEntry } from '../kernel/auditor.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { openDatabase } from '../kernel/database.ts';
import type { Clock } from '../kernel/ports.ts';
import { createProcessGroups } from '../kernel/process-groups.ts';
import { createProcessTable } from '../kernel/process-table.ts';
import { createTunnels, type Tunnels } from '../services/tunnels/tunnels.ts';
import { silentLog } from './fake-ports.ts';

export const EDGE = 'http://127.0.0.1:18080';
/** Of a named tunnel, as Cloudflare gives it out. */
export const TOKEN = Buffer.from(
  JSON.stringify({ a: 'account', s: 'c2VjcmV0', t: 'b3a78b35-5f3f-4c53-8c3e-0d10ea78cefa' }),
).toString('base64');
const STAND_IN = join(import.meta.dirname, '../services/tunnels/cloudflared-stand-in.mjs');
const owner = ownerCaller('desktop');

export const reasonOf = (status: TunnelStatus) => (status.state === 'failed' ? status.reason : '');
export const isAlive = (pid: number) => createProcessTable().startTime(pid) !== null;

interface LongTimer {
  readonly ms: number;
  readonly run: () => void;
}

/** What the stand-in for cloudflared says it was started with. */
interface Report {
  readonly argv: string[];
  readonly env: Record<string, string>;
  readonly config: string;
  readonly pid: number;
}

/** Real time for short waits; waits of 30 s and more are kept for the test to run. */
function clockWith(longTimers: LongTimer[]): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run) {
      if (ms >= 30_000) {
        const entry = { ms, run };
        longTimers.push(entry);
        return () => void longTimers.splice(longTimers.indexOf(entry), longTimers.includes(entry) ? 1 : 0);
      }
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

/** Puts a cloudflared that behaves in this way into a folder of the bench. @returns its path */
function installStandIn(folder: string, mode: string, { version = '2026.8.2', where = 'path' } = {}): string {
  const path = join(folder, where, 'cloudflared');
  const quoted = (text: string) => `'${text}'`;
  const env = {
    STAND_IN_MODE: mode,
    STAND_IN_CONTROL: join(folder, 'control'),
    STAND_IN_REPORT: join(folder, 'report'),
    STAND_IN_VERSION: version,
  };
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const command = `${assignments.join(' ')} exec ${quoted(process.execPath)} ${quoted(STAND_IN)}`;
  writeFileSync(path, `#!/bin/sh\n${command} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The tunnels service with a stand-in for cloudflared as a real child, and its files in a folder of its own. */
export function createTunnelsBench() {
  const folder = mkdtempSync(join(tmpdir(), 'tunnels-'));
  for (const name of ['bin', 'run', 'path']) mkdirSync(join(folder, name));
  const db = openDatabase(':memory:');
  const events: TunnelStatus[] = [];
  const audit: AuditEntry[] = [];
  const names: (string | null)[] = [];
  const looks = new Set<() => void>();
  const longTimers: LongTimer[] = [];
  const clock = clockWith(longTimers);
  const groups = createProcessGroups({ db, clock, log: silentLog });

  function make(configBinary?: string): Tunnels {
    const made = createTunnels({
      publish(event) {
        if (event.type === 'tunnel.changed') events.push(event.tunnel);
        for (const look of [...looks]) look();
      },
      clock,
      random: { bytes: (count) => new Uint8Array(count), id: () => 'id' },
      log: silentLog,
      audit: {
        append: async (entry) => {
          if (bench.auditFails) throw new Error('disk full');
          audit.push(entry);
        },
      },
      processGroups: groups,
      binDir: join(folder, 'bin'),
      runDir: join(folder, 'run'),
      configBinary,
      hostEnv: {
        PATH: `${join(folder, 'path')}:relative:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        TUNNEL_HOSTNAME: 'evil.example.com',
        NO_TLS_VERIFY: 'true',
      },
      edgeUrl: async () => EDGE,
      hasToken: () => bench.hasToken,
      logFile: { write: (text) => void (bench.printed += text) },
    });
    made.onHostname((name) => names.push(name));
    return made;
  }

  const bench = {
    ...{ folder, db, groups, events, audit, longTimers, make },
    /** Host names as they were told, null for none. */
    names,
    printed: '',
    hasToken: true,
    auditFails: false,
    tunnels: make(),
    install: (mode: string, more: { version?: string; where?: string } = {}) =>
      installStandIn(folder, mode, more),
    open: async (input: Parameters<(typeof tunnelCommands)['tunnels.open']['input']['parse']>[0] = {}) =>
      bench.tunnels.handlers['tunnels.open'](tunnelCommands['tunnels.open'].input.parse(input), owner),
    close: () => bench.tunnels.handlers['tunnels.close']({}, owner),
    /** Has the stand-in do something while it runs. */
    tell: (wish: string) => writeFileSync(join(folder, 'control'), wish),
    report: () => JSON.parse(readFileSync(join(folder, 'report'), 'utf8')) as Report,
    tokenFile(content: string, mode = 0o600): string {
      const file = join(folder, 'token');
      writeFileSync(file, content, { mode });
      chmodSync(file, mode);
      return file;
    },
    async state(wanted: TunnelStatus['state']): Promise<TunnelStatus> {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`still ${JSON.stringify(bench.tunnels.snapshot())}`)),
          8000,
        );
        const look = () => {
          if (bench.tunnels.snapshot().state !== wanted) return;
          clearTimeout(timer);
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      });
      return bench.tunnels.snapshot();
    },
    async end() {
      await bench.tunnels.stop();
      await groups.stopAll();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
  bench.install('ready');
  return bench;
}
export type TunnelsBench = ReturnType<typeof createTunnelsBench>;
