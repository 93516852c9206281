import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { createByteStreams } from '../kernel/byte-streams.ts';
import { createCommandLedger } from '../kernel/command-ledger.ts';
import { createConnection } from '../kernel/connection.ts';
import { openDatabase } from '../kernel/database.ts';
import type { Handlers } from '../kernel/handlers.ts';
import { createOnceRouter } from '../kernel/idempotency.ts';
import { REPLAY } from '../kernel/replay-log.ts';
import { createRouter } from '../kernel/router.ts';
import { createHostStore } from '../kernel/store.ts';
import { nodeClock, nodeRandom } from '../ports.node.ts';
import { createDeviceChannel } from '../services/gateway/device-channel.ts';
import { createIdentity } from '../services/identity/identity.ts';
import { memoryAuditor, memorySecrets, silentLog } from './fake-ports.ts';

/** What is counted as an act of a device: a command without input that needs the highest scope. */
export const ACT = 'host.pause';

/**
 * As much of a host as a device sees: identity, the encrypted channel on a real socket, the door and the state. Every
 * record takes a turn of the event loop, as on a disk, so that calls are under way when something else happens.
 */
export async function startDeviceHost() {
  const db = openDatabase(':memory:');
  const audit = memoryAuditor();
  const slowAudit = {
    append: async (entry: Parameters<typeof audit.append>[0]) => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      await audit.append(entry);
    },
  };
  let shift = 0;
  const clock = { ...nodeClock, now: () => nodeClock.now() + shift };
  const store = createHostStore({ initial: emptyHostState, epoch: nodeRandom.id(), replay: REPLAY });
  const forgotten: { principal: string; at: number }[] = [];
  const acts: { principal: string; at: number }[] = [];
  let address = '';
  const identity = createIdentity({
    db,
    clock,
    random: nodeRandom,
    audit: slowAudit,
    secrets: memorySecrets(),
    host: { id: 'host', name: () => 'studio', mode: () => 'running' },
    addresses: { hosts: () => [address], page: () => `http://${address}/p` },
    publish: (event: HostEvent) => store.publish(event),
    raise: () => {},
    withdrawn: () => {},
    forgotten: (principal) => void forgotten.push({ principal, at: performance.now() }),
  });
  const handlers = {
    ...identity.handlers,
    [ACT]: (_input: unknown, { principal }: { principal: string }) => {
      acts.push({ principal, at: performance.now() });
      return {};
    },
  };
  const router = createRouter({
    // The commands of the other services are not there: to call one is an internal error.
    handlers: handlers as unknown as Handlers,
    admit: (caller) => identity.assertCurrent(caller),
    record: ({ type, actor, name }) => slowAudit.append({ actor, type, object: name }),
    log: silentLog,
    newErrorId: () => 'test',
  });
  const ledger = createCommandLedger(db);
  const call = createOnceRouter({ router, ledger, replayed: () => {}, log: silentLog });
  const streams = createByteStreams({
    redactor: () => ({ push: (bytes) => Buffer.from(bytes).toString('utf8'), held: () => 0 }),
  });
  const channel = createDeviceChannel({
    identity,
    door: {
      call: router,
      connect: (caller, send, backlog) => createConnection({ caller, call, store, streams, send, backlog }),
      welcome: (caller) => ({
        ...{ type: 'welcome', hostId: 'host', hostName: 'studio', epoch: 1, minVersion: 1 },
        counter: ledger.highWater(caller.principal),
      }),
    },
    clock,
    random: nodeRandom,
    log: silentLog,
    refused: () => {},
  });
  const server = createServer();
  server.on('upgrade', (req, socket, head) => channel.handleUpgrade(req, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await identity.start();
  onTestFinished(async () => {
    identity.stop();
    await channel.stop();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    db.close();
  });
  return {
    identity,
    audit,
    acts,
    forgotten,
    owner: ownerCaller('desktop'),
    address: () => address,
    /** The wall clock alone. */
    jump: (ms: number) => void (shift += ms),
  };
}

export type DeviceHost = Awaited<ReturnType<typeof startDeviceHost>>;
