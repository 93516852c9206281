import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { LogSource, PredefinedAction } from '../../../contract/predefined.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { createActionRuns } from './action-runs.ts';
import type {
  ConfiguredAction,
  ConfiguredLogSource,
  Predefined,
  Redactor,
  TaskRoots,
  Workspaces,
} from './ports.ts';
import { readTail } from './read-tail.ts';

export interface PredefinedDeps {
  readonly predefined: Predefined;
  readonly workspaces: Workspaces;
  readonly roots: TaskRoots;
  readonly approver: Approver;
  readonly audit: Auditor;
  readonly groups: ProcessGroups;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  readonly redactor: () => Redactor;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly part: (text: string, from: number, to: number) => string;
}

type Runs = ReturnType<typeof createActionRuns>;
type Handled = 'tasks.actions' | 'tasks.readLogSource';

/** Commands and logs that the owner has written into the configuration file. Nothing else can be named. */
export function createPredefined(deps: PredefinedDeps): {
  handlers: Pick<HandlersOf<'tasks'>, Handled> & Runs['handlers'];
  /** Ends what runs; resolves when nothing is left. */
  stop(): Promise<void>;
} {
  const { predefined, roots, audit } = deps;
  const runs = createActionRuns({
    ...deps,
    find: async (name) => actionOf(named(predefined.actions(), name, 'action')),
  });

  async function actionOf(one: ConfiguredAction): Promise<{ action: PredefinedAction; folder: string }> {
    const workspace = await deps.workspaces.resolve(one.workspace);
    const root = roots.open(workspace.path);
    try {
      const cwd = one.cwd === '.' ? '' : root.check(one.cwd);
      if (cwd !== '' && (await root.stat(cwd)).kind !== 'directory')
        throw new HostError('invalid_input', `${one.cwd} is not a folder`);
      const { name, timeoutMs, risk } = one;
      const action = { name, argv: [...one.argv], timeoutMs, risk, workspaceId: workspace.id };
      return { action: { ...action, cwd: cwd === '' ? '.' : cwd }, folder: join(root.path, cwd) };
    } finally {
      root.close();
    }
  }

  async function sourceOf(one: ConfiguredLogSource): Promise<{ source: LogSource; root: string | null }> {
    if (one.workspace === undefined) {
      if (!isAbsolute(one.path))
        throw new HostError('invalid_input', 'without a workspace the path must be absolute');
      return { source: { name: one.name, workspaceId: null, path: one.path }, root: null };
    }
    const workspace = await deps.workspaces.resolve(one.workspace);
    const root = roots.open(workspace.path);
    try {
      const path = root.check(one.path);
      return { source: { name: one.name, workspaceId: workspace.id, path }, root: root.path };
    } finally {
      root.close();
    }
  }

  async function list(): Promise<OutputOf<'tasks.actions'>> {
    const unusable: { name: string; reason: string }[] = [];
    const usable = async <T, R>(
      all: readonly T[],
      nameOf: (one: T) => string,
      read: (one: T) => Promise<R>,
    ) => {
      const found: R[] = [];
      for (const one of all) {
        try {
          found.push(await read(one));
        } catch (error) {
          if (!(error instanceof HostError)) throw error;
          unusable.push({ name: nameOf(one), reason: error.message.slice(0, 512) });
        }
      }
      return found;
    };
    const actions = await usable(predefined.actions(), ({ name }) => name, actionOf);
    const sources = await usable(predefined.logSources(), ({ name }) => name, sourceOf);
    return {
      actions: actions.map(({ action }) => action),
      logSources: sources.map(({ source }) => source),
      unusable,
    };
  }

  function named<T extends { readonly name: string }>(all: readonly T[], name: string, what: string): T {
    const found = all.find((one) => one.name === name);
    if (found) return found;
    const names = all.map((one) => one.name);
    throw new HostError(
      'not_found',
      `there is no ${what} "${name}" in the configuration file; known: ${names.join(', ') || 'none'}`,
      { names },
    );
  }

  return {
    stop: runs.stop,
    handlers: {
      'tasks.actions': list,
      ...runs.handlers,
      'tasks.readLogSource': async ({ name, tail }, caller) => {
        const { source, root } = await sourceOf(named(predefined.logSources(), name, 'log source'));
        const file = root === null ? source.path : join(root, source.path);
        if (statSync(file, { throwIfNoEntry: false }) === undefined)
          throw new HostError('not_found', `the log ${source.path} does not exist`);
        await audit.append({ actor: caller.principal, type: 'log.read', object: name });
        return { name, ...readTail({ file, root, lines: tail, part: deps.part }) };
      },
    },
  };
}
