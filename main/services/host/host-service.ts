import type { Alert, HostInfo, HostMode } from '../../../contract/host.ts';
import { HostMode as HostModeSchema } from '../../../contract/host.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import { text } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import type { Brakes, Doctor } from './ports.ts';

export interface HostServiceDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  publish(event: HostEvent): void;
  facts: Omit<HostInfo, 'id' | 'mode' | 'startedAt'>;
  brakes: Brakes;
  doctor: Doctor;
}

export interface HostService {
  readonly handlers: HandlersOf<'host'>;
  info(): HostInfo;
  mode(): HostMode;
  raise(kind: Alert['kind'], message: string): void;
  /** Shuts the host before anything runs: its state is older than it was. The owner opens it again with a resume. */
  shut(reason: string): Promise<void>;
}

const SEVERITY: Record<Alert['kind'], Alert['severity']> = {
  'pairing-reused': 'alarm',
  'audit-damaged': 'alarm',
  'audit-rolled-back': 'alarm',
  'state-repaired': 'info',
  'state-rolled-back': 'alarm',
  'replay-refused': 'alarm',
  'policy-changed': 'alarm',
  'shim-crashed': 'warning',
  'secret-allowed': 'warning',
};

/** The host as a whole: who it is, and whether it runs, is paused, or is locked down. A restart changes none of that. */
export function createHostService(deps: HostServiceDeps): HostService {
  const { db, clock, random, audit, publish, facts, brakes, doctor } = deps;
  const startedAt = instant(clock.now());

  function remembered(key: string, make: () => string): string {
    const row = db.get('SELECT value FROM meta WHERE key = ?', key);
    if (row) return text(row, 'value');
    const value = make();
    db.run('INSERT INTO meta (key, value) VALUES (?, ?)', key, value);
    return value;
  }

  const id = remembered('host-id', () => random.id());
  let mode = HostModeSchema.parse(remembered('host-mode', () => 'running'));
  const info = (): HostInfo => ({ ...facts, id, mode, startedAt });

  function enter(next: HostMode): void {
    db.run(`UPDATE meta SET value = ? WHERE key = 'host-mode'`, next);
    mode = next;
    publish({ type: 'host.changed', host: info() });
  }

  return {
    info,
    mode: () => mode,
    raise(kind, message) {
      const alert: Alert = {
        id: random.id(),
        kind,
        severity: SEVERITY[kind],
        message,
        raisedAt: instant(clock.now()),
      };
      publish({ type: 'alert.raised', alert });
    },
    async shut(reason) {
      enter('locked-down');
      await audit.append({ actor: 'host', type: 'host.locked-down', object: id, facts: { reason } });
    },
    handlers: {
      'host.pause': () => {
        // A pause must never loosen a lock-down.
        if (mode === 'running') enter('paused');
        brakes.pauseTasks();
        return {};
      },
      'host.resume': () => {
        enter('running');
        brakes.resumeTasks();
        return {};
      },
      'host.lockDown': async (_input, caller) => {
        // The mode first: from here on nothing new is let in, whatever is still being ended.
        enter('locked-down');
        await brakes.lockDown(caller.principal);
        await audit.append({ actor: caller.principal, type: 'host.locked-down', object: id });
        return {};
      },
      'host.doctor': async () => ({ checks: await doctor.examine() }),
      'host.dismissAlert': ({ alertId }) => {
        publish({ type: 'alert.dismissed', alertId });
        return {};
      },
    },
  };
}
