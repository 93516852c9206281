import { ownerCaller } from './kernel/caller.ts';
import type { Log } from './kernel/ports.ts';
import type { Approvals } from './services/approvals/approvals.ts';
import type { Bridge } from './services/bridge/bridge.ts';
import type { Handoffs } from './services/handoff/handoffs.ts';
import type { Identity } from './services/identity/identity.ts';
import type { Remote } from './services/remote/remote.ts';
import type { Supervisor } from './services/supervisor/supervisor.ts';
import type { Tasks } from './services/tasks/tasks.ts';
import type { Tunnels } from './services/tunnels/tunnels.ts';

export interface BrakesDeps {
  approvals: Pick<Approvals, 'denyAll'>;
  tasks: Pick<Tasks, 'stopAll'>;
  handoffs: Pick<Handoffs, 'stopAll'>;
  supervisor: Pick<Supervisor, 'handlers'>;
  tunnels: Pick<Tunnels, 'handlers'>;
  remote: Pick<Remote, 'handlers'>;
  bridge: Pick<Bridge, 'closeCaller'>;
  /** Every client that may have something running. */
  clients(): readonly string[];
  identity: Pick<Identity, 'endAllConnections'>;
  log: Log;
}

/** What a lock-down does, all at once: none waits for another, and one that fails keeps none from being done. */
export function createBrakes(deps: BrakesDeps) {
  const { approvals, tasks, handoffs, supervisor, tunnels, remote, bridge, clients, identity, log } = deps;
  const owner = ownerCaller('desktop');
  return {
    async lockDown(by: string): Promise<void> {
      const steps: [string, () => unknown][] = [
        ['approvals', () => approvals.denyAll(by, 'the host was locked down')],
        ['handoffs', () => handoffs.stopAll()],
        ['tasks', () => tasks.stopAll('lock-down')],
        ['processes', () => supervisor.handlers['supervisor.stopAll']({}, owner)],
        ['tunnel', () => tunnels.handlers['tunnels.close']({}, owner)],
        ['remote', () => remote.handlers['remote.stop']({}, owner)],
        ['clients', () => Promise.all(clients().map((principal) => bridge.closeCaller(principal)))],
        ['devices', () => identity.endAllConnections()],
      ];
      const results = await Promise.allSettled(steps.map(async ([, step]) => step()));
      results.forEach((result, index) => {
        if (result.status === 'rejected') {
          log.error(
            { step: steps[index]?.[0], error: String(result.reason) },
            'a step of the lock-down failed',
          );
        }
      });
    },
  };
}
