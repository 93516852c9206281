import { isAbsolute } from 'node:path';
import type { Agent } from '../../../contract/agents.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { childEnvironment } from '../../guard/child-env.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Log } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups } from '../../kernel/process-groups.ts';
import { createDefinitions, type Definition } from './definitions.ts';
import { inheritedNames, knownAgents } from './known-agents.ts';
import { findProgram } from './program-lookup.ts';

const STOP_GRACE_MS = 2000;
const MAX_ADDED = 64;

export interface AgentsDeps {
  db: Database;
  publish: (event: HostEvent) => void;
  audit: Auditor;
  processGroups: Pick<ProcessGroups, 'spawn'>;
  log: Log;
  /** The environment of the host: children are given a named part of it. */
  hostEnv: Readonly<Record<string, string | undefined>>;
  builtIn: { demoArgv: readonly string[] };
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
}

interface Startable {
  readonly agent: Agent;
  /** The program as an absolute path; null while it is missing. */
  readonly program: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** The agents of this host: the built-in one, those found on PATH, and those that were added. */
export function createAgents(deps: AgentsDeps): Agents {
  const { db, publish, audit, processGroups, log, hostEnv, builtIn } = deps;
  const definitions = createDefinitions(db);
  const published = new Map<string, string>();
  let lastSurvey: Promise<unknown> = Promise.resolve();

  async function survey(): Promise<Map<string, Startable>> {
    const found = new Map<string, Startable>();
    found.set('demo', await describe('demo', 'Demo agent', 'built-in', builtIn.demoArgv, {}, hostEnv));
    for (const added of definitions.all()) {
      found.set(added.name, await describe(added.name, added.title, 'user', added.argv, added.env, hostEnv));
    }
    for (const known of knownAgents) {
      if (found.has(known.name)) continue;
      const program = await findProgram(known.program, hostEnv);
      if (program === null) continue;
      const argv = [program, ...known.args];
      found.set(known.name, await describe(known.name, known.title, 'detected', argv, {}, hostEnv));
    }
    return found;
  }

  /** One survey after another, so that an older one never has the last word. */
  function refresh(): Promise<Map<string, Startable>> {
    const next = lastSurvey.then(surveyAndPublish, surveyAndPublish);
    lastSurvey = next;
    return next;
  }

  /** Tells the state stream what differs from what it was told last. */
  async function surveyAndPublish(): Promise<Map<string, Startable>> {
    const found = await survey();
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

  async function list(): Promise<Agent[]> {
    return [...(await refresh()).values()].map(({ agent }) => agent);
  }

  const handlers: HandlersOf<'agents'> = {
    'agents.list': async () => ({ agents: await list() }),

    'agents.add': async ({ name, title, argv, env }, caller) => {
      if (name === 'demo')
        throw new HostError('conflict', '"demo" is the built-in agent; choose another name');
      if (definitions.get(name)) {
        throw new HostError('conflict', `an agent "${name}" was added before; remove it first`, { name });
      }
      if (definitions.all().length >= MAX_ADDED) {
        throw new HostError('too_many', `${MAX_ADDED} agents were added already; remove one first`);
      }
      refuseRelativeProgram(argv[0] ?? '');
      // Refuses names that make programs load code, before anything is stored.
      childEnvironment({}, { set: env });
      const added: Definition = { name, title: title ?? name, argv, env };
      await audit.append({
        actor: caller.principal,
        type: 'agent.added',
        object: name,
        facts: { program: argv[0] ?? '' },
      });
      definitions.put(added);
      return startable(await refresh(), name).agent;
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
      await refresh();
      return {};
    },
  };

  return {
    handlers,
    list,
    async start() {
      await refresh();
    },
    async launch(name, { cwd, label }) {
      const { agent, program, env } = startable(await refresh(), name);
      if (program === null) {
        throw new HostError(
          'unavailable',
          `the program of agent "${name}" was not found: ${agent.argv[0] ?? ''}`,
          {
            agent: name,
          },
        );
      }
      const child = childEnvironment(hostEnv, { inherit: inheritedNames, set: env });
      deps.onSecrets?.(child.secrets);
      const argv = [program, ...agent.argv.slice(1)];
      const running = await processGroups.spawn({
        argv,
        cwd,
        env: child.env,
        label: `agent ${name} ${label}`,
        graceMs: STOP_GRACE_MS,
      });
      log.info({ agent: name, pid: running.pid, label }, 'agent started');
      return running;
    },
  };
}

async function describe(
  name: string,
  title: string,
  source: Agent['source'],
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  hostEnv: AgentsDeps['hostEnv'],
): Promise<Startable> {
  const program = await findProgram(argv[0] ?? '', hostEnv);
  const state = program === null ? 'missing' : 'available';
  const envNames = Object.keys(env).sort();
  return { program, env, agent: { id: name, name, title, source, state, argv: [...argv], envNames } };
}

function startable(found: Map<string, Startable>, name: string): Startable {
  const one = found.get(name);
  if (!one) {
    throw new HostError('not_found', `there is no agent "${name}"; known: ${[...found.keys()].join(', ')}`, {
      name,
    });
  }
  return one;
}

function refuseRelativeProgram(program: string): void {
  if (isAbsolute(program) || !/[/\\]/.test(program)) return;
  throw new HostError('invalid_input', 'argv.0: give a program by its name on PATH or by its absolute path');
}
