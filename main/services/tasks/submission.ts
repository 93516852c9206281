import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { AgentLauncher } from './ports.ts';

/** @throws HostError `not_found` for an unknown agent, `unavailable` for one whose program is missing */
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
}

/** Idempotency keys belong to who chose them: the owner, on whatever carrier, or one device. */
export function keyOf(caller: Pick<Caller, 'deviceId' | 'principal'>, key: string): string {
  return `${caller.deviceId === null ? 'owner' : caller.principal}\n${key}`;
}

export function requestHash(request: Pick<Task, 'agent' | 'workspaceId' | 'mode' | 'text'>): string {
  // Written as JSON first: a lone surrogate in the text must not keep a task from being submitted.
  return sha256Hex(canonicalJson({ ...request, text: JSON.stringify(request.text) }));
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
