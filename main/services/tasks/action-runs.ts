import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { ActionRunId } from '../../../contract/ids.ts';
import type { PredefinedAction } from '../../../contract/predefined.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Log, RandomSource } from '../../kernel/ports.ts';
import { createActionRun, isOver, type LiveRun } from './action-run.ts';
import { runAction, type RunActionDeps } from './run-action.ts';

const MAX_RUNNING = 8;
/** Those that have ended can be read until there are so many newer ones. */
const MAX_ENDED = 16;
const MAX_READERS = 128;

export interface ActionRunsDeps extends RunActionDeps {
  readonly random: RandomSource;
  readonly log: Log;
  /** A command by its name. @throws HostError `not_found` */
  find(name: string): Promise<{ readonly action: PredefinedAction; readonly folder: string }>;
}

type Handled =
  | 'tasks.runAction'
  | 'tasks.startAction'
  | 'tasks.actionRuns'
  | 'tasks.readActionOutput'
  | 'tasks.stopAction';

/** Runs of predefined commands: those that go on, and the last that ended with what they printed. */
export function createActionRuns(deps: ActionRunsDeps): {
  handlers: Pick<HandlersOf<'tasks'>, Handled>;
  /** Ends what runs; resolves when nothing is left. */
  stop(): Promise<void>;
} {
  const { audit, log } = deps;
  const runs = new Map<string, LiveRun>();
  let readers = 0;
  const live = () => [...runs.values()].filter((run) => !isOver(run.facts()));

  async function start(name: string, caller: Caller, whenUnread: 'continue' | 'stop'): Promise<LiveRun> {
    const { action, folder } = await deps.find(name);
    if (live().length >= MAX_RUNNING)
      throw new HostError('too_many', `${MAX_RUNNING} predefined commands run already`);
    const id = ActionRunId.parse(deps.random.id());
    const run = createActionRun(deps, { id, name, startedBy: caller.principal }, whenUnread, (witness) =>
      runAction(deps, { action, folder, caller, witness }),
    );
    runs.set(id, run);
    void run.over
      .catch((error: unknown) => {
        if (!(error instanceof HostError))
          log.error({ action: name, error: String(error) }, 'an action failed');
      })
      .finally(forgetOld);
    return run;
  }

  function forgetOld(): void {
    const ended = [...runs].filter(([, run]) => isOver(run.facts()));
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) runs.delete(id);
  }

  function known(id: ActionRunId): LiveRun {
    const run = runs.get(id);
    if (run) return run;
    throw new HostError('not_found', `there is no run "${id}" any more; see the list of runs`);
  }

  return {
    async stop() {
      await Promise.all(live().map((run) => run.stop()));
    },
    handlers: {
      'tasks.runAction': async ({ name }, caller) => {
        const run = await start(name, caller, 'continue');
        await run.over;
        return resultOf(run);
      },
      'tasks.startAction': async ({ name, whenUnread }, caller) =>
        (await start(name, caller, whenUnread)).facts(),
      'tasks.actionRuns': () => ({ runs: [...runs.values()].map((run) => run.facts()).reverse() }),
      'tasks.readActionOutput': async (input) => {
        if (readers >= MAX_READERS) throw new HostError('too_many', `${MAX_READERS} clients wait already`);
        readers += 1;
        try {
          return await known(input.runId).read(input);
        } finally {
          readers -= 1;
        }
      },
      'tasks.stopAction': async ({ runId }, caller) => {
        const run = known(runId);
        const { name } = run.facts();
        if (!isOver(run.facts()))
          await audit.append({ actor: caller.principal, type: 'action.stopped', object: name });
        await run.stop();
        return run.facts();
      },
    },
  };
}

/** @throws HostError `internal` for one that has not ended */
function resultOf(run: LiveRun): OutputOf<'tasks.runAction'> {
  const facts = run.facts();
  if (facts.state !== 'ended') throw new HostError('internal', 'the command has not ended');
  const { name, approvalId, exitCode, signal, timedOut, durationMs } = facts;
  const { droppedBytes } = run.output;
  const output = run.output.text();
  return { name, approvalId, exitCode, signal, timedOut, durationMs, output, droppedBytes };
}
