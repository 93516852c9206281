import type { HostEvent } from '../contract/host-state.ts';
import { checkAnchor } from './check-anchor.ts';
import type { Outbound } from './guard/outbound.ts';
import { openTagKey } from './guard/tag-key.ts';
import type { Database } from './kernel/database.ts';
import type { Home } from './kernel/home.ts';
import type { InFlight } from './kernel/in-flight.ts';
import type { Stoppable } from './kernel/lifecycle.ts';
import type { Log, RandomSource, SecretStore } from './kernel/ports.ts';
import type { ProcessGroups } from './kernel/process-groups.ts';
import type { Agents } from './services/agents/agents.ts';
import type { Approvals } from './services/approvals/approvals.ts';
import type { Audit } from './services/audit/audit.ts';
import type { Bridge } from './services/bridge/bridge.ts';
import type { Gateway } from './services/gateway/gateway.ts';
import type { Handoffs } from './services/handoff/handoffs.ts';
import type { HostService } from './services/host/host-service.ts';
import type { Identity } from './services/identity/identity.ts';
import type { Remote } from './services/remote/remote.ts';
import type { Secrets } from './services/secrets/secrets.ts';
import type { Sessions } from './services/sessions/sessions.ts';
import type { Supervisor } from './services/supervisor/supervisor.ts';
import type { Tasks } from './services/tasks/tasks.ts';
import type { Tunnels } from './services/tunnels/tunnels.ts';

const APPROVALS_AT_START = 100;
/** What a device has commanded may take so long to end when the host stops; later its outcome is unknown. */
const COMMANDS_END_MS = 3_000;

interface Parts {
  readonly home: Home;
  readonly epoch: number;
  readonly version: string;
  readonly random: RandomSource;
  readonly log: Log;
  readonly publish: (event: HostEvent) => void;
  readonly db: Database;
  readonly secrets: SecretStore;
  readonly outbound: Outbound;
  readonly audit: Audit;
  readonly secretBook: Secrets;
  readonly host: HostService;
  readonly groups: ProcessGroups;
  readonly approvals: Approvals;
  readonly supervisor: Supervisor;
  readonly agents: Agents;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly handoffs: Handoffs;
  readonly remote: Remote;
  readonly bridge: Bridge;
  readonly tunnels: Tunnels;
  readonly identity: Identity;
  readonly inFlight: InFlight;
  readonly gateway: Gateway;
  readonly control: Pick<Gateway, 'start' | 'stop'>;
}

/** In which order the parts of a host start; they stop in the opposite one. */
export function hostSteps(parts: Parts): Stoppable[] {
  const { audit, secretBook, groups, host, approvals, agents, sessions, tasks, handoffs } = parts;
  const { home, epoch, random, log, secrets, remote, bridge, tunnels, identity, inFlight, gateway, control } =
    parts;

  /** Nobody waits for it: a start that fails meanwhile closes the state under it. */
  function startAgents(): void {
    agents.start().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'the agents of this machine could not be looked up');
    });
  }
  function note(type: string): Promise<void> {
    return audit.append({ actor: 'host', type, object: host.info().id, facts: { version: parts.version } });
  }

  return [
    { name: 'database', stop: () => parts.db.close() },
    { name: 'tags', start: () => openTagKey({ secrets, random, log }, parts.outbound.useTagKey) },
    { name: 'audit', start: () => audit.start(), stop: () => audit.stop() },
    { name: 'secrets', stop: () => secretBook.stop() },
    {
      name: 'anchor',
      start: () => checkAnchor({ home, epoch, records: audit.status().records, host, log }),
    },
    { name: 'children', start: () => void groups.reapLeftovers(), stop: () => groups.stopAll() },
    { name: 'approvals', start: () => startApprovals(approvals, log), stop: () => approvals.stop() },
    { name: 'supervisor', start: () => startSupervisor(parts), stop: () => parts.supervisor.stop() },
    { name: 'agents', start: startAgents },
    { name: 'sessions', start: () => sessions.start(), stop: () => sessions.stop() },
    // Before any task is started: what a handoff has left in the queue does not run.
    { name: 'handoffs of before', start: () => handoffs.start() },
    {
      name: 'tasks',
      start: () => tasks.start({ paused: host.mode() !== 'running' }),
      stop: () => tasks.stop(),
    },
    // Before the tasks end: an end that the host brings about is no result.
    { name: 'handoffs', stop: () => handoffs.stop() },
    { name: 'remote', start: () => remote.start(), stop: () => remote.stop() },
    { name: 'bridge', stop: () => bridge.stop() },
    {
      name: 'tunnels',
      start: () => void tunnels.onHostname(gateway.setPublicHost),
      stop: () => tunnels.stop(),
    },
    { name: 'identity', start: () => identity.start(), stop: () => identity.stop() },
    // After the listeners have closed and before anything that a command needs.
    { name: 'commands', stop: () => inFlight.idle(COMMANDS_END_MS) },
    { name: 'gateway', start: () => gateway.start(), stop: () => gateway.stop() },
    { name: 'control', start: () => control.start(), stop: () => control.stop() },
    { name: 'record', start: () => note('host.started'), stop: () => note('host.stopped') },
  ];
}

async function startApprovals(approvals: Approvals, log: Log): Promise<void> {
  await approvals.checkRules().catch((error: unknown) => {
    log.warn({ error: String(error) }, 'that the rules were changed could not be put on record');
  });
  approvals.start(APPROVALS_AT_START);
}

async function startSupervisor({
  supervisor,
  publish,
}: Pick<Parts, 'supervisor' | 'publish'>): Promise<void> {
  await supervisor.start();
  for (const process of supervisor.snapshot()) publish({ type: 'process.changed', process });
}
