import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Session } from '../../../contract/sessions.ts';
import type { Task, TaskMode } from '../../../contract/tasks.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { AgentLauncher } from './ports.ts';

/** @throws HostError `not_found` for an unknown agent, `unavailable` for one that cannot be started */
export async function admitAgent(agents: Pick<AgentLauncher, 'list'>, name: string): Promise<void> {
  const all = await agents.list();
  const found = all.find((other) => other.name === name);
  if (!found) {
    const names = all.map((other) => other.name);
    throw new HostError('not_found', `there is no agent "${name}"; known: ${names.join(', ')}`, {
      agents: names,
    });
  }
  if (found.state === 'missing') {
    throw new HostError(
      'unavailable',
      `the program of agent "${name}" was not found: ${found.argv[0] ?? ''}`,
    );
  }
  if (found.state === 'unreadable') {
    throw new HostError(
      'unavailable',
      `the environment of agent "${name}" cannot be read from the store of secrets; unlock the keyring, or remove the agent and add it again`,
    );
  }
}

/** Idempotency keys belong to who chose them: the owner, on whatever carrier, or one device. */
export function keyOf(caller: Pick<Caller, 'deviceId' | 'principal'>, key: string): string {
  return `${caller.deviceId === null ? 'owner' : caller.principal}\n${key}`;
}

type Request = Pick<Task, 'agent' | 'workspaceId' | 'mode' | 'text' | 'continues' | 'retryOf' | 'budget'>;

/** One hash for one request. What is not there adds nothing, so that requests of earlier versions keep theirs. */
export function requestHash({ agent, workspaceId, mode, text, continues, retryOf, budget }: Request): string {
  return sha256Hex(
    canonicalJson({
      ...{ agent, workspaceId, mode },
      // Written as JSON first: a lone surrogate in the text must not keep a task from being submitted.
      text: JSON.stringify(text),
      ...(continues !== null && { continues }),
      ...(retryOf !== null && { retryOf }),
      ...(Object.keys(budget).length > 0 && { budget: { ...budget } }),
    }),
  );
}

/**
 * The mode of a task that does not say one: `ask`, but only reading in a session that somebody else, or something that
 * is not this host, began. Pure.
 */
export function modeFor(
  session: Pick<Session, 'origin' | 'startedBy'> | null,
  caller: Pick<Caller, 'deviceId' | 'principal'>,
): TaskMode {
  if (session === null) return 'ask';
  const begun = session.origin === 'task' ? session.startedBy : null;
  return begun !== null && samePerson(begun, caller) ? 'ask' : 'read';
}

/** The owner is one person on whatever carrier; a device is only itself. */
function samePerson(principal: string, caller: Pick<Caller, 'deviceId' | 'principal'>): boolean {
  return caller.deviceId === null ? principal.startsWith('owner:') : principal === caller.principal;
}

/**
 * @throws HostError `not_permitted` for more than reading in a session of somebody else, unless the caller manages
 * this host
 */
export function admitMode(mode: TaskMode, byDefault: TaskMode, caller: Pick<Caller, 'capabilities'>): void {
  if (byDefault !== 'read' || mode === 'read' || caller.capabilities.has('manage')) return;
  throw new HostError(
    'not_permitted',
    'this session was begun by somebody else: without the scope "manage" it can only be continued in mode read',
  );
}

/** The task that this request made before; null when there is none, `conflict` when the key made another one. */
export function sameRequest(
  found: { task: Task; requestSha256: string } | null,
  requestSha256: string,
): Task | null {
  if (found && found.requestSha256 !== requestSha256) {
    throw new HostError('conflict', 'this idempotency key was used for another task; choose a new one', {
      taskId: found.task.id,
    });
  }
  return found?.task ?? null;
}
