import { join } from 'node:path';
import { respond, initiate, type Schedule } from '../../contract/channel/channel-handshake.ts';
import { generateDhKey } from '../../contract/channel/dh-key.ts';
import type { FramePipe } from '../../contract/channel/frame-pipe.ts';
import type { SecureChannel } from '../../contract/channel/secure-channel.ts';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostState } from '../../contract/host-state.ts';
import { DeviceId } from '../../contract/ids.ts';
import type { Cursor } from '../../contract/stream.ts';
import { createOutbound } from '../guard/outbound.ts';
import { createByteStreams } from '../kernel/byte-streams.ts';
import { deviceCaller, ownerCaller } from '../kernel/caller.ts';
import { createCommandLedger } from '../kernel/command-ledger.ts';
import { createConnection } from '../kernel/connection.ts';
import { openDatabase } from '../kernel/database.ts';
import { advanceEpoch } from '../kernel/epoch.ts';
import { createOnceRouter } from '../kernel/idempotency.ts';
import type { Clock } from '../kernel/ports.ts';
import { createReplayAlarm } from '../kernel/replay-alarm.ts';
import { REPLAY } from '../kernel/replay-log.ts';
import type { Router } from '../kernel/router.ts';
import { createHostStore, type HostStore } from '../kernel/store.ts';
import { viewFor } from '../kernel/view.ts';
import { nodeClock } from '../ports.node.ts';
import { serveDeviceSession, type DeviceSession } from '../services/gateway/device-session.ts';
import { memoryAuditor, realRandom, silentLog, type MemoryAuditor } from './fake-ports.ts';

/** Real time. */
export const labClock = nodeClock;
export const labRandom = (count: number) => realRandom.bytes(count);
export const LAB_DEVICE = DeviceId.parse('lab-device');

/** The keys of one host and one device that were paired long ago. */
export function labKeys() {
  return { host: generateDhKey(labRandom), device: generateDhKey(labRandom), psk: labRandom(32) };
}
export type LabKeys = ReturnType<typeof labKeys>;

export interface LabHost {
  /** Serves whoever speaks at the other end; never rejects. */
  accept(pipe: FramePipe): void;
  readonly store: HostStore;
  /** Where the state stream stands. */
  cursor(): Cursor;
  readonly epoch: number;
  readonly auditor: MemoryAuditor;
  readonly alerts: string[];
  readonly sessions: ReadonlySet<DeviceSession>;
  /** How often each command took effect, from a table on the disk. */
  effects(): ReadonlyMap<string, number>;
  /** How often the device said that it has stored new keys. */
  rotated(): number;
  /** Tells readers of the log that it has grown. */
  logGrown(): void;
  /** Power loss: what is under way never goes on. */
  kill(): void;
}

export interface LabOptions {
  readonly folder: string;
  readonly keys: LabKeys;
  readonly clock: Clock;
  readonly schedule: Schedule;
  /** Sees every channel before it is served. */
  wrap?(channel: SecureChannel): SecureChannel;
  /** What passes before and after the effect of a command. */
  pause?(): Promise<void>;
}

/** The file that a lab host serves as the byte stream of a process. */
export const logOf = (folder: string) => join(folder, 'process.log');
const never = new Promise<never>(() => {});

/**
 * The host as a device meets it, without the services behind: the real handshake, session, connection, ledger and state
 * store over a real database in `folder`. Its one command with an effect is `tasks.submit`; the effect is counted in a
 * table by the idempotency key. `tasks.list` answers more than
 * a channel carries. Opening it again on the same folder is a restart.
 */
export function openLabHost(options: LabOptions): LabHost {
  const { folder, keys, clock, schedule, wrap = (channel) => channel, pause = nothing } = options;
  const db = openDatabase(join(folder, 'state.db'));
  db.run('CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT');
  const epoch = advanceEpoch(db);
  const auditor = memoryAuditor();
  const alerts: string[] = [];
  const sessions = new Set<DeviceSession>();
  const pipes = new Set<FramePipe>();
  let dead = false;
  let rotated = 0;
  const isDead = () => dead;

  const count = () => Number(db.get('SELECT count(*) AS n FROM effects')?.['n'] ?? 0);
  const grown = (records: number): HostState['audit'] => ({ ...emptyHostState.audit, records });
  const store = createHostStore({
    initial: { ...emptyHostState, audit: grown(count()) },
    epoch: realRandom.id(),
    replay: REPLAY,
  });
  let cursor: Cursor = { epoch: '', seq: 0 };
  store.subscribe(viewFor(ownerCaller('desktop')), null, (frame) => (cursor = frame.cursor));
  const gate = createOutbound({ hmacKey: labRandom(32) });
  const streams = createByteStreams({
    redactor: () => gate.stream(),
  });
  streams.locate('log', () => logOf(folder));

  const router: Router = async (_caller, name, input) => {
    if (name === 'tasks.list') return { ok: true, value: 'x'.repeat(9 * 1024 * 1024) };
    if (name !== 'tasks.submit') return { ok: true, value: {} };
    const { idempotencyKey } = input as { idempotencyKey: string };
    await pause();
    if (isDead()) return never;
    db.run(
      'INSERT INTO effects (key, times) VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1',
      idempotencyKey,
    );
    store.publish({ type: 'audit.grown', audit: grown(count()) });
    await pause();
    if (isDead()) return never;
    return { ok: true, value: { id: idempotencyKey } };
  };
  const ledger = createCommandLedger(db);
  const call = createOnceRouter({
    ...{ router, ledger, log: silentLog },
    replayed: createReplayAlarm({ clock, audit: auditor, raise: (kind) => void alerts.push(kind) }),
  });

  async function serve(pipe: FramePipe): Promise<void> {
    const { channel } = await respond({
      ...{ pipe, hostKey: keys.host, random: labRandom, schedule },
      lookup: () => keys.psk,
      onVerified: () => undefined,
    });
    if (isDead()) return;
    const session = serveDeviceSession({
      channel: wrap(channel),
      caller: deviceCaller(LAB_DEVICE, 'manage'),
      door: {
        call,
        connect: (caller, send, backlog) => createConnection({ caller, call, store, streams, send, backlog }),
        welcome: ({ principal }) => ({
          ...{ type: 'welcome', hostId: 'lab', hostName: 'Lab', epoch, minVersion: 1 },
          counter: ledger.highWater(principal),
        }),
      },
      rotated: () => void (rotated += 1),
      gone: () => void sessions.delete(session),
    });
    sessions.add(session);
  }

  return {
    accept(pipe) {
      pipes.add(pipe);
      serve(pipe).catch(() => {});
    },
    cursor: () => cursor,
    ...{ store, epoch, auditor, alerts, sessions },
    effects: () =>
      new Map(
        db.all('SELECT key, times FROM effects').map((row) => [String(row['key']), Number(row['times'])]),
      ),
    rotated: () => rotated,
    logGrown: () => streams.grown(logOf(folder)),
    kill() {
      dead = true;
      for (const pipe of pipes) pipe.close(1006);
      db.close();
    },
  };
}

/** The phone's half of the handshake over one end of a pipe. */
export function dialLabHost(pipe: FramePipe, keys: LabKeys, schedule: Schedule): Promise<SecureChannel> {
  return initiate({
    ...{ pipe, random: labRandom, schedule, deviceKey: keys.device, hostPublicKey: keys.host.publicKey },
    ...{ psk: keys.psk, mode: 'session', payload: {} },
  });
}

const nothing = () => Promise.resolve();
