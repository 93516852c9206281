import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';
import { createLifeCycle, type FoundRun, type LifeCycleDeps } from './life-cycle.ts';
import { isLive, isWanted } from './process-machine.ts';
import type { Run } from './process-run.ts';
import { createProcessStatus } from './process-status.ts';
import type { OutputWish } from './runs.ts';
import { createWishes } from './wishes.ts';

export type Outcome = 'started' | 'unchanged' | 'restarted';

export interface ManagedDeps extends Omit<LifeCycleDeps, 'inTurn'> {
  /** Keeps the new status and tells everybody, in that order. `happened` is false when it was only defined anew. */
  changed(process: ManagedProcess, happened: boolean): void;
}

/** One managed process: its acts happen one after another, and never wait for those of another process. */
export interface Managed {
  current(): ManagedProcess;
  /** Runs this definition: starts it, leaves it alone when it runs already, or restarts it when it changed. */
  run(definition: ProcessDefinition, project: string | null, actor: string): Promise<Outcome>;
  /** @throws HostError of the process that cannot be started; a process that runs is left alone */
  start(actor: string): Promise<void>;
  /**
   * @param because what makes it fail, when it is not the wish of a person
   * @returns false when there was nothing to stop
   */
  stop(actor: string, because?: string): Promise<boolean>;
  restart(actor: string): Promise<void>;
  /** A line of ours in its log. */
  note(text: string): void;
  watch(listener: (process: ManagedProcess) => void): () => void;
  /** Looks for a line, in this run and those that follow; answered once at most. The returned function ends that. */
  search(wish: OutputWish): () => void;
  /** The terminal of this run. @throws HostError `conflict` when it does not run, or was started without one */
  terminal(): Pick<Run, 'type' | 'resize'>;
  /** Goes on with what an earlier host left. `stop`: it is not taken over but ended. */
  resume(found: FoundRun, how: 'adopt' | 'stop'): void;
  /** Plans the restart that an earlier host had planned. */
  resumeBackOff(): void;
  /** Stops it; it does not start again. */
  close(actor: string): Promise<void>;
}

export function createManaged(deps: ManagedDeps, initial: ManagedProcess): Managed {
  const status = createProcessStatus(initial, (process, happened) => deps.changed(process, happened));
  const { current } = status;
  const wishes = createWishes();
  let queue: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };
  const life = createLifeCycle(status, wishes, { ...deps, inTurn });

  async function runAs(
    definition: ProcessDefinition,
    project: string | null,
    actor: string,
  ): Promise<Outcome> {
    const process = current();
    const same = isSame(process.definition, definition);
    const wasWanted = isWanted(process);
    if (same && wasWanted) {
      // A project adopts what was started by hand; nothing has to be restarted for that.
      if (project !== null && process.project !== project) status.redefine({ project });
      return 'unchanged';
    }
    await life.stop(actor);
    if (!same || process.project !== project) status.redefine({ definition, project });
    await life.startByHand(actor);
    return wasWanted ? 'restarted' : 'started';
  }

  return {
    current,
    run: (definition, project, actor) => inTurn(() => runAs(definition, project, actor)),
    start: (actor) =>
      inTurn(async () => {
        if (!isLive(current())) await life.startByHand(actor);
      }),
    stop: (actor, because) =>
      inTurn(async () => {
        if (because === undefined) life.unwatchFiles();
        return life.stop(actor, because);
      }),
    restart: (actor) =>
      inTurn(async () => {
        await life.stop(actor);
        await life.startByHand(actor);
      }),
    note: life.note,
    watch: status.watch,
    search: (wish) => wishes.add(wish, life.run()),
    terminal() {
      const { name, definition } = current();
      if (!definition.pty)
        throw new HostError('conflict', `${name} was started without a terminal`, { name });
      const run = life.run();
      if (!run) throw new HostError('conflict', `${name} does not run`, { name });
      return run;
    },
    resume: life.resume,
    resumeBackOff: life.resumeBackOff,
    close(actor) {
      life.close();
      return inTurn(async () => {
        await life.stop(actor);
      });
    },
  };
}

/** Definitions come out of one parser, but the order of keys in `env` is the writer's. */
function isSame(left: ProcessDefinition, right: ProcessDefinition): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
