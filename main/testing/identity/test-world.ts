import type { HostEvent } from '../../../contract/host-state.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase, type Database } from '../../kernel/database.ts';
import type { Clock, SecretStore } from '../../kernel/ports.ts';
import { handClock, memoryAuditor, memorySecrets, realRandom } from '../fake-ports.ts';
import { createIdentity, type Identity } from '../../services/identity/identity.ts';

export const YEAR = 365 * 86_400_000;
export const owner = ownerCaller('desktop');

/** The identity service on a database and a store for keys that outlive it, with a clock that is moved by hand. */
export function createWorld(options: { db?: Database; secrets?: SecretStore } = {}) {
  const clock = handClock();
  const db = options.db ?? openDatabase(':memory:');
  const secrets = options.secrets ?? memorySecrets();
  const audit = memoryAuditor();
  const events: HostEvent[] = [];
  const alarms: string[] = [];
  const forgotten: string[] = [];
  const withdrawn: string[] = [];
  let mode: 'running' | 'locked-down' = 'running';
  let endRun = () => {};

  /** The clock as one run of the host has it: its timers end with it. */
  function runClock(): Clock {
    let isAlive = true;
    endRun = () => {
      isAlive = false;
    };
    return {
      now: clock.now,
      monotonic: clock.monotonic,
      after: (ms, run) =>
        clock.after(ms, () => {
          if (isAlive) run();
        }),
    };
  }

  const make = (): Identity =>
    createIdentity({
      db,
      clock: runClock(),
      random: realRandom,
      audit,
      secrets,
      host: { id: 'host', name: () => 'studio', mode: () => mode },
      addresses: { hosts: () => ['127.0.0.1:4713'], page: () => 'http://127.0.0.1:4713/p' },
      publish: (event) => void events.push(event),
      raise: (_kind, message) => void alarms.push(message),
      forgotten: (principal) => void forgotten.push(principal),
      withdrawn: (principal) => void withdrawn.push(principal),
    });

  const world = {
    clock,
    db,
    secrets,
    audit,
    events,
    alarms,
    forgotten,
    withdrawn,
    identity: make(),
    /** The wall clock goes on, the monotonic one stands: how Linux sees a suspended computer. */
    suspend: (ms: number) => clock.jump(ms),
    lockDown: () => void (mode = 'locked-down'),
    /** Without a word, as a crash does it. */
    async restart(): Promise<void> {
      endRun();
      world.identity = make();
      await world.identity.start();
      // As the channel does before it answers anybody.
      await world.identity.open();
    },
  };
  return world;
}

export type World = ReturnType<typeof createWorld>;
