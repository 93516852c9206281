import type { Agent } from '../../../contract/agents.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock, Log, SecretStore } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups } from '../../kernel/process-groups.ts';
import { createAgentHandlers } from './agent-handlers.ts';
import { createDefinitions } from './definitions.ts';
import { createEnvironments } from './environments.ts';
import { handOver, type HandedBridge, type HandoverRequest } from './handover.ts';
import type { BridgeAccess } from './ports.ts';
import { createAgentSettings } from './settings.ts';
import { startAgent } from './start-agent.ts';
import { surveyAgents, type Startable } from './survey.ts';
import { createVersions } from './versions.ts';

export interface AgentsDeps {
  db: Database;
  publish: (event: HostEvent) => void;
  audit: Auditor;
  clock: Clock;
  processGroups: Pick<ProcessGroups, 'spawn'>;
  log: Log;
  secrets: SecretStore;
  /** The environment of the host: children are given a named part of it. */
  hostEnv: Readonly<Record<string, string | undefined>>;
  builtIn: { demoArgv: readonly string[]; version: string };
  /** A folder of the host's own, for agents that are started only to be asked. */
  runDir: string;
  bridge: BridgeAccess;
  /** Values of an agent's environment that must never leave the host; for the outbound gate. */
  onSecrets?: (values: readonly string[]) => void;
}

/** A running agent: ACP lines on `stdin` and `stdout`, alone in its process group. */
export type AgentProcess = ProcessGroup;

export interface Agents {
  readonly handlers: HandlersOf<'agents'>;
  /** Publishes what is known. Looks at files only; no agent is started. */
  start(): Promise<void>;
  list(): Promise<Agent[]>;
  /**
   * Starts an agent in a folder, in a process group of its own.
   * @param options.label what it is for, shown in records: `task ID`, `remote ID`
   * @throws HostError `not_found` for an unknown name, `unavailable` when its program is missing
   */
  launch(name: string, options: { cwd: string; label: string }): Promise<AgentProcess>;
  /**
   * The MCP bridge for one piece of work of an agent, with a token that opens that workspace alone. Whoever takes it
   * releases it when the work is over. Null where the owner has not said that this agent gets it.
   */
  bridgeFor(request: HandoverRequest): HandedBridge | null;
}

/** The agents of this host: the built-in one, those found on this machine, and those that were added. */
export function createAgents(deps: AgentsDeps): Agents {
  const { db, publish, processGroups, log, hostEnv, clock, runDir, bridge } = deps;
  const definitions = createDefinitions(db);
  const environments = createEnvironments({ definitions, secrets: deps.secrets, log });
  const settings = createAgentSettings(db, deps.secrets);
  const versions = createVersions({ processGroups, clock, hostEnv, cwd: runDir });
  const surveying = {
    ...{ hostEnv, builtIn: deps.builtIn, versions, settings: settings.get },
    environment: environments.of,
  };
  const starting = {
    ...{ processGroups, log, hostEnv, settings },
    onSecrets: (values: readonly string[]) => deps.onSecrets?.(values),
  };
  const published = new Map<string, string>();
  let lastSurvey: Promise<unknown> = Promise.resolve();

  /** One survey after another, so that an older one never has the last word. */
  function refresh(): Promise<Map<string, Startable>> {
    const next = lastSurvey.then(surveyAndPublish, surveyAndPublish);
    lastSurvey = next;
    return next;
  }

  /** Tells the state stream what differs from what it was told last. */
  async function surveyAndPublish(): Promise<Map<string, Startable>> {
    await environments.moveOut();
    const found = await surveyAgents(definitions.all(), surveying);
    for (const [name, { agent }] of found) {
      const shown = JSON.stringify(agent);
      if (published.get(name) === shown) continue;
      published.set(name, shown);
      publish({ type: 'agent.changed', agent });
    }
    for (const name of [...published.keys()]) {
      if (found.has(name)) continue;
      published.delete(name);
      publish({ type: 'agent.removed', name });
    }
    return found;
  }

  async function find(name: string): Promise<Startable> {
    const found = await refresh();
    const one = found.get(name);
    if (one) return one;
    throw new HostError('not_found', `there is no agent "${name}"; known: ${[...found.keys()].join(', ')}`, {
      name,
    });
  }

  const list = async (): Promise<Agent[]> => [...(await refresh()).values()].map(({ agent }) => agent);

  /** Asks the programs that are known to answer; one that was added may do anything with an argument it does not know. */
  async function askVersions(): Promise<void> {
    const agents = [...(await refresh()).values()];
    const silent = agents.flatMap(({ agent, known, versioned, program }) =>
      agent.version === null && known && versioned !== null && versioned === program ? [versioned] : [],
    );
    await Promise.all(silent.map((program) => versions.ask(program)));
  }

  return {
    handlers: createAgentHandlers({
      ...{
        definitions,
        environments,
        settings,
        versions,
        audit: deps.audit,
        clock,
        runDir,
        bridge,
        hostEnv,
        find,
        list,
        askVersions,
      },
      launch: (one, options) => startAgent(one, options, starting),
    }),
    list,
    async start() {
      await refresh();
    },
    launch: async (name, { cwd, label }) =>
      startAgent(await find(name), { cwd, label, purpose: label }, starting),
    bridgeFor: (request) => handOver(bridge, (name) => settings.get(name).mcp, request),
  };
}
