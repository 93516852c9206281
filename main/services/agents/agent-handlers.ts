import type { Agent } from '../../../contract/agents.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { isOwner } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroup } from '../../kernel/process-groups.ts';
import { createBridgeHandlers } from './bridge-handlers.ts';
import { checkAgent } from './check-agent.ts';
import type { Definitions } from './definitions.ts';
import type { Environments } from './environments.ts';
import type { BridgeAccess } from './ports.ts';
import { refuseUnusableProgram } from './refusals.ts';
import type { AgentSettings } from './settings.ts';
import { refuseEnvironment } from './start-agent.ts';
import type { Startable } from './survey.ts';
import type { Versions } from './versions.ts';

const MAX_ADDED = 64;

export interface AgentHandlersDeps {
  readonly definitions: Definitions;
  readonly environments: Environments;
  readonly settings: AgentSettings;
  readonly versions: Pick<Versions, 'told'>;
  readonly audit: Auditor;
  readonly clock: Clock;
  readonly bridge: BridgeAccess;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly runDir: string;
  /** @throws HostError `not_found` */
  find(name: string): Promise<Startable>;
  list(): Promise<Agent[]>;
  askVersions(): Promise<void>;
  launch(one: Startable, options: { cwd: string; label: string }): Promise<ProcessGroup>;
}

/** The commands over agents. Every change is on record before it happens. */
export function createAgentHandlers(deps: AgentHandlersDeps): HandlersOf<'agents'> {
  const { definitions, environments, settings, versions, audit, clock, runDir, find, list, askVersions } =
    deps;

  async function forget(name: string): Promise<void> {
    const { bridgeToken } = settings.get(name);
    if (bridgeToken !== null) deps.bridge.take(bridgeToken);
    await settings.forget(name);
    await environments.forget(name);
  }

  return {
    ...createBridgeHandlers(deps),

    'agents.list': async ({ versions: wanted }, caller) => {
      // A device that may only look starts no program.
      if (wanted && isOwner(caller)) await askVersions();
      return { agents: await list() };
    },

    'agents.add': async ({ name, title, argv, env, inherit, mcp }, caller) => {
      refuseTakenName(name, definitions);
      await refuseUnusableProgram(argv[0] ?? '');
      refuseEnvironment({ env, inherit });
      const facts = { program: argv[0] ?? '', mcp };
      await audit.append({ actor: caller.principal, type: 'agent.added', object: name, facts });
      // What a found agent of that name was given is not for another program.
      await forget(name);
      // Others may have come in the meantime.
      refuseTakenName(name, definitions);
      await environments.define({ name, title: title ?? name, argv, inherit }, env);
      settings.put(name, { mcp, keyVariable: null, bridgeToken: null });
      return (await find(name)).agent;
    },

    'agents.configure': async ({ name, mcp }, caller) => {
      const { agent } = await find(name);
      if (agent.mcp === mcp) return agent;
      await audit.append({
        actor: caller.principal,
        type: 'agent.configured',
        object: name,
        facts: { mcp },
      });
      settings.put(name, { ...settings.get(name), mcp });
      return (await find(name)).agent;
    },

    'agents.remove': async ({ name }, caller) => {
      if (!definitions.get(name)) {
        throw new HostError(
          'not_found',
          `no agent "${name}" was added; built-in and detected ones cannot be removed`,
        );
      }
      await audit.append({ actor: caller.principal, type: 'agent.removed', object: name });
      definitions.remove(name);
      await forget(name);
      await list();
      return {};
    },

    'agents.check': async ({ name, session }) => {
      const one = await find(name);
      const answer = await checkAgent({
        ...{ name, session, clock, folder: runDir, keyVariable: one.agent.keyVariable },
        launch: (cwd) => deps.launch(one, { cwd, label: 'check' }),
      });
      if (one.versioned !== null && answer.agent && one.agent.source === 'user') {
        await versions.told(one.versioned, answer.agent.version);
        await list();
      }
      return answer;
    },

    'agents.login': async ({ name, variable, key }, caller) => {
      const { agent, known } = await find(name);
      if (agent.source === 'built-in')
        throw new HostError('invalid_input', 'the built-in agent needs no login');
      const chosen = variable ?? known?.keyVariables[0];
      if (chosen === undefined) {
        throw new HostError(
          'invalid_input',
          `which environment variable does "${name}" read its key from? Name it`,
          { name },
        );
      }
      refuseEnvironment({ env: { [chosen]: key }, inherit: [] });
      if (agent.envNames.includes(chosen)) {
        throw new HostError(
          'conflict',
          `${chosen} is set for "${name}" already; remove the agent and add it without that variable first`,
          { name, variable: chosen },
        );
      }
      const facts = { variable: chosen };
      await audit.append({ actor: caller.principal, type: 'agent.key-kept', object: name, facts });
      await settings.keepKey(name, chosen, key);
      return (await find(name)).agent;
    },

    'agents.logout': async ({ name }, caller) => {
      const { agent } = await find(name);
      if (agent.keyVariable === null) {
        throw new HostError(
          'not_found',
          `no key is kept for "${name}"; its own login ends with its own program`,
          { name },
        );
      }
      await audit.append({ actor: caller.principal, type: 'agent.key-dropped', object: name });
      await settings.dropKey(name);
      return (await find(name)).agent;
    },
  };
}

function refuseTakenName(name: string, definitions: Definitions): void {
  if (name === 'demo') throw new HostError('conflict', '"demo" is the built-in agent; choose another name');
  if (definitions.get(name)) {
    throw new HostError('conflict', `an agent "${name}" was added before; remove it first`, { name });
  }
  if (definitions.all().length >= MAX_ADDED) {
    throw new HostError('too_many', `${MAX_ADDED} agents were added already; remove one first`);
  }
}
