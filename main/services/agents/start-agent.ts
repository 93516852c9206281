import { HostError } from '../../../contract/errors.ts';
import { childEnvironment } from '../../guard/child-env.ts';
import type { Log } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups } from '../../kernel/process-groups.ts';
import { inheritedNames } from './known-agents.ts';
import { pathFor } from './program-lookup.ts';
import type { AgentSettings } from './settings.ts';
import type { Startable } from './survey.ts';

const STOP_GRACE_MS = 2000;

export interface StartDeps {
  readonly processGroups: Pick<ProcessGroups, 'spawn'>;
  readonly log: Log;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly settings: Pick<AgentSettings, 'key'>;
  /** Values of an agent's environment that must never leave the host. */
  readonly onSecrets: (values: readonly string[]) => void;
}

/**
 * Starts an agent with a small environment, what its definition adds, and the key that is kept for it, in a process
 * group of its own. The group matters: some agents come as a script that starts the real program and passes no signal
 * on to it.
 * @param options.purpose what it works on, when it is a part of the host for as long as it runs; none for a short look
 * @throws HostError `unavailable` when its program is missing or its environment cannot be read
 */
export async function startAgent(
  { agent, program, env }: Startable,
  { cwd, label, purpose }: { cwd: string; label: string; purpose?: string },
  { processGroups, log, hostEnv, settings, onSecrets }: StartDeps,
): Promise<ProcessGroup> {
  if (program === null) {
    throw new HostError(
      'unavailable',
      `the program of agent "${agent.name}" was not found: ${agent.argv[0] ?? ''}`,
      { agent: agent.name },
    );
  }
  if (agent.state === 'unreadable') {
    throw new HostError(
      'unavailable',
      `the environment of agent "${agent.name}" cannot be read from the store of secrets; unlock the keyring, or remove the agent and add it again`,
      { agent: agent.name },
    );
  }
  const key = await settings.key(agent.name);
  const path = env['PATH'] ?? (await pathFor(program, hostEnv));
  const child = childEnvironment(
    { ...hostEnv, PATH: path },
    {
      inherit: inheritedNames,
      credentials: agent.inherits,
      set: { ...env, ...(key && { [key.variable]: key.value }) },
    },
  );
  onSecrets(key ? [...child.secrets, key.value] : child.secrets);
  const running = await processGroups.spawn({
    argv: [program, ...agent.argv.slice(1)],
    cwd,
    env: child.env,
    label: `agent ${agent.name} ${label}`,
    ...(purpose !== undefined && { part: { kind: 'agent', name: agent.name, purpose } }),
    graceMs: STOP_GRACE_MS,
  });
  log.info({ agent: agent.name, pid: running.pid, label }, 'agent started');
  return running;
}

/** Refuses names that make programs load code, and values that cannot be handed on, before anything is stored. */
export function refuseEnvironment({
  env,
  inherit,
}: {
  readonly env: Readonly<Record<string, string>>;
  readonly inherit: readonly string[];
}): void {
  childEnvironment({}, { set: { ...env, ...Object.fromEntries(inherit.map((name) => [name, ''])) } });
  const twice = inherit.find((name) => name in env);
  if (twice !== undefined) {
    throw new HostError('invalid_input', `${twice} is both set and taken from the host; choose one`, {
      name: twice,
    });
  }
}
