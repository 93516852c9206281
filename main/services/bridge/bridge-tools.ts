import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { callSignal } from '../../kernel/call-scope.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { CallEndings } from './call-endings.ts';
import { currentBranch } from './git-branch.ts';
import { listFolder } from './list-folder.ts';
import { controlProcess, listProcesses } from './managed-processes.ts';
import type { BridgeDeps, Place } from './ports.ts';
import { readProcessLog, searchProcessLogs } from './process-logs.ts';
import { readTextFile } from './read-file.ts';
import { recordedCall } from './recorded-call.ts';
import { findLines } from './ripgrep.ts';
import { runCommand } from './run-command.ts';
import { showHits } from './search-files.ts';
import { showChanges } from './show-changes.ts';
import { withRoot } from './with-root.ts';
import { changeFile, replaceOnce } from './write-file.ts';

type InWorkspace = ReturnType<typeof toolsOf>;
type Handlers = HandlersOf<'bridge'>;

const OVERVIEW_ENTRIES = 200;

/** The tools of the bridge: all of its commands that work in a workspace. */
export function createBridgeTools(
  deps: BridgeDeps,
  endings: CallEndings,
): Omit<Handlers, 'bridge.setModes' | 'bridge.selfTest'> {
  const inWorkspace = toolsOf(deps, endings);
  return { ...fileTools(deps, inWorkspace), ...processTools(deps, inWorkspace) };
}

/** Every tool call: recorded, in the workspace the caller means, behind its path guard. */
function toolsOf(deps: BridgeDeps, endings: CallEndings) {
  function inWorkspace<I extends { workspace?: string | undefined }, O>(
    tool: string,
    run: (input: I, place: Place) => Promise<O>,
    detail: (value: O, input: I) => string = () => '',
  ) {
    return (input: I, caller: Caller): Promise<O> =>
      recordedCall(deps, { tool, caller, detail: (value: O) => detail(value, input) }, () => {
        const workspace = deps.workspaces.resolve(input.workspace, caller);
        const { signal, done } = endings.begin(caller.principal, callSignal());
        return withRoot(workspace, (root) => run(input, { workspace, root, caller, signal })).finally(done);
      });
  }
  return inWorkspace;
}

function fileTools(deps: BridgeDeps, inWorkspace: InWorkspace) {
  return {
    'bridge.openWorkspace': inWorkspace('open_workspace', async (_input, { workspace, root }) => ({
      workspaceId: workspace.id,
      name: workspace.name,
      modes: deps.modes.get(),
      branch: currentBranch(root.path),
      entries: (await listFolder(root, '.', OVERVIEW_ENTRIES)).entries,
    })),
    'bridge.list': inWorkspace(
      'list',
      (input: ParsedInputOf<'bridge.list'>, { root }) => listFolder(root, input.path),
      (_value, { path }) => path,
    ),
    'bridge.read': inWorkspace(
      'read',
      (input: ParsedInputOf<'bridge.read'>, place) => readTextFile(deps, place, input),
      ({ path }) => path,
    ),
    'bridge.search': inWorkspace(
      'search',
      (input: ParsedInputOf<'bridge.search'>, place) => search(deps, place, input),
      ({ matches }) => `${matches.length} matches`,
    ),
    'bridge.write': inWorkspace(
      'write',
      (input: ParsedInputOf<'bridge.write'>, place) =>
        changeFile(deps, place, {
          path: input.path,
          baseSha256: input.baseSha256,
          newText: () => input.text,
        }),
      ({ path }) => path,
    ),
    'bridge.edit': inWorkspace(
      'edit',
      (input: ParsedInputOf<'bridge.edit'>, place) =>
        changeFile(deps, place, {
          path: input.path,
          baseSha256: input.baseSha256,
          newText: (text) => replaceOnce(input.path, text, input.oldText, input.newText),
        }),
      ({ path }) => path,
    ),
    'bridge.showChanges': inWorkspace('show_changes', (_input, place) => showChanges(deps, place)),
  } satisfies Partial<Handlers>;
}

function processTools(deps: BridgeDeps, inWorkspace: InWorkspace) {
  return {
    'bridge.bash': inWorkspace(
      'bash',
      (input: ParsedInputOf<'bridge.bash'>, place) => runCommand(deps, place, input),
      ({ exitCode, sandbox }) => `exit ${exitCode ?? 'by signal'}, sandbox ${sandbox}`,
    ),
    'bridge.processes': inWorkspace(
      'processes',
      (_input, place) => listProcesses(deps, place),
      ({ processes }) => `${processes.length} processes`,
    ),
    'bridge.processLog': inWorkspace(
      'process_log',
      (input: ParsedInputOf<'bridge.processLog'>, place) => readProcessLog(deps, place, input),
      ({ name }) => name,
    ),
    'bridge.searchProcessLogs': inWorkspace(
      'search_process_logs',
      (input: ParsedInputOf<'bridge.searchProcessLogs'>, place) => searchProcessLogs(deps, place, input),
      ({ found }) => `found in ${found.length} processes`,
    ),
    'bridge.controlProcess': inWorkspace(
      'control_process',
      (input: ParsedInputOf<'bridge.controlProcess'>, place) => controlProcess(deps, place, input),
      ({ process }, { action }) => `${action} ${process.name}`,
    ),
  } satisfies Partial<Handlers>;
}

async function search(
  context: BridgeDeps,
  place: Place,
  query: ParsedInputOf<'bridge.search'>,
): Promise<OutputOf<'bridge.search'>> {
  const deps = { groups: context.groups, clock: context.clock, program: context.ripgrepPath() };
  const { root, signal } = place;
  const hits = await findLines(deps, { root: root.path, query, blocked: root.blocked.patterns, signal });
  return showHits(context, place, hits);
}
