import type { BridgeModes } from '../../../contract/bridge.ts';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { callSignal } from '../../kernel/call-scope.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { createCallEndings } from './call-endings.ts';
import { currentBranch } from './git-branch.ts';
import { listFolder } from './list-folder.ts';
import { controlProcess, listProcesses } from './managed-processes.ts';
import { createMcpHttp, type McpHttp } from './mcp-http.ts';
import { createBridgeMcpServer } from './mcp-server.ts';
import type { BridgeDeps, Place } from './ports.ts';
import { readProcessLog, searchProcessLogs } from './process-logs.ts';
import { readTextFile } from './read-file.ts';
import { recordedCall } from './recorded-call.ts';
import { findLines } from './ripgrep.ts';
import { runCommand } from './run-command.ts';
import { showHits } from './search-files.ts';
import { selfTest } from './self-test.ts';
import { showChanges } from './show-changes.ts';
import { withRoot } from './with-root.ts';
import { changeFile, replaceOnce } from './write-file.ts';

export interface Bridge {
  readonly handlers: HandlersOf<'bridge'>;
  /** For the gateway: answers requests to `/mcp` that it has let through. Loads the MCP SDK at the first one. */
  readonly mcpHttp: McpHttp;
  /** A token was revoked or has expired: its sessions, open requests, running commands and open questions end. */
  closeCaller(principal: string): Promise<void>;
  /** Ends all sessions, running commands and open questions. */
  stop(): Promise<void>;
}

const OVERVIEW_ENTRIES = 200;

/** The MCP bridge: the tools, as commands behind the router, and the MCP server that calls them. */
export function createBridge(deps: BridgeDeps): Bridge {
  const endings = createCallEndings();

  /** Every tool call: recorded, in the workspace the caller means, behind its path guard. */
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

  const mcpHttp = createMcpHttp({
    clock: deps.clock,
    log: deps.log,
    serverFor: (caller) =>
      createBridgeMcpServer({
        call: (name, input) => deps.call(caller, name, input),
        capabilities: caller.capabilities,
        pinned: caller.workspaceId !== null,
        modes: deps.modes.get(),
        version: deps.version,
        clock: deps.clock,
      }),
  });

  const handlers: HandlersOf<'bridge'> = {
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
    'bridge.setModes': (patch, caller) => setModes(patch, caller),
    'bridge.selfTest': () => selfTest({ access: deps.testAccess, clock: deps.clock }),
  };

  async function setModes(patch: ParsedInputOf<'bridge.setModes'>, caller: Caller): Promise<BridgeModes> {
    const modes = deps.modes.set(withoutUndefined(patch));
    await deps.audit.append({
      actor: caller.principal,
      type: 'bridge.modes-set',
      object: 'bridge',
      facts: { ...modes },
    });
    deps.publish({ type: 'bridge.changed', modes });
    mcpHttp.applyModes(modes);
    return modes;
  }

  return {
    handlers,
    mcpHttp,
    async closeCaller(principal) {
      endings.end(principal);
      await mcpHttp.closeCaller(principal);
    },
    async stop() {
      endings.endAll();
      await mcpHttp.stop();
    },
  };
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

function withoutUndefined(patch: ParsedInputOf<'bridge.setModes'>): Partial<BridgeModes> {
  return {
    ...(patch.tools !== undefined && { tools: patch.tools }),
    ...(patch.write !== undefined && { write: patch.write }),
    ...(patch.bash !== undefined && { bash: patch.bash }),
  };
}
