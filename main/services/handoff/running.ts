import type { Handoff } from '../../../contract/handoff.ts';
import { HostError } from '../../../contract/errors.ts';
import { ApprovalId, type HandoffId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { HandoffStore } from './handoff-store.ts';
import { createLeases } from './leases.ts';
import type { LiveHandoff, StopCause } from './live-handoff.ts';

/** Ended ones whose steps can still be read. */
const KEPT_ENDED = 20;

/** The handoffs that run now, and what is still known of those that ran last. */
export interface RunningHandoffs {
  /** @param over resolves when its end is on the disk */
  add(live: LiveHandoff, over: Promise<void>): void;
  /** @throws HostError `not_found` */
  known(id: HandoffId): Handoff;
  /** With its steps; null when nothing but the record is left. */
  live(id: HandoffId): LiveHandoff | null;
  /** Its starter has looked at it. */
  looked(id: HandoffId, principal: string): void;
  /** @throws HostError `conflict` when it has ended */
  stop(id: HandoffId, cause: StopCause): Promise<Handoff>;
  stopAll(cause: StopCause): Promise<void>;
  /** Tells what a handoff waits for when its task does. */
  heed(task: Task): void;
}

export function createRunning({ clock, store }: { clock: Clock; store: HandoffStore }): RunningHandoffs {
  const running = new Map<HandoffId, { live: LiveHandoff; over: Promise<void> }>();
  const ended = new Map<HandoffId, LiveHandoff>();
  const leases = createLeases(clock, (id) => running.get(id)?.live.stop('left'));

  function settle(live: LiveHandoff): void {
    const { id } = live.now;
    live.folder.close();
    leases.end(id);
    running.delete(id);
    ended.set(id, live);
    for (const old of [...ended.keys()].slice(0, -KEPT_ENDED)) ended.delete(old);
  }
  function known(id: HandoffId): Handoff {
    const handoff = running.get(id)?.live.now ?? store.get(id);
    if (!handoff) throw new HostError('not_found', `there is no handoff "${id}"`);
    return handoff;
  }

  return {
    known,
    live: (id) => running.get(id)?.live ?? ended.get(id) ?? null,
    add(live, work) {
      const { id, kind } = live.now;
      const over = work.finally(() => settle(live));
      running.set(id, { live, over });
      // One plan is a task like any other; what goes on and on is watched over.
      if (kind !== 'run') leases.renew(id);
    },
    looked(id, principal) {
      const now = running.get(id)?.live.now;
      if (now && now.kind !== 'run' && now.startedBy === principal) leases.renew(id);
    },
    async stop(id, cause) {
      const entry = running.get(id);
      if (!entry) {
        const { state } = known(id);
        throw new HostError('conflict', `the handoff has ended: it is ${state}`, { state });
      }
      entry.live.stop(cause);
      await entry.over;
      return known(id);
    },
    async stopAll(cause) {
      const all = [...running.values()];
      for (const { live } of all) live.stop(cause);
      await Promise.all(all.map(({ over }) => over));
    },
    heed(task) {
      for (const { live } of running.values()) if (live.now.taskId === task.id) tellWaiting(live, task);
    },
  };
}

/** Once for each question of the task. */
function tellWaiting(live: LiveHandoff, task: Task): void {
  if (task.state !== 'waiting') return;
  const told = new Set<string | null>(live.events(0).map(({ approvalId }) => approvalId));
  for (const id of task.approvals.filter((approval) => !told.has(approval)))
    live.tell('task_waits', `the agent waits for leave: signalbox approvals show ${id}`, {
      approvalId: ApprovalId.parse(id),
      taskId: task.id,
    });
}
