import type { BridgeModes } from '../../../contract/bridge.ts';
import type { ParsedInputOf } from '../../../contract/commands.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { createBridgeTools } from './bridge-tools.ts';
import { createCallEndings } from './call-endings.ts';
import { createMcpHttp, type McpHttp } from './mcp-http.ts';
import { createBridgeMcpServer } from './mcp-server.ts';
import type { BridgeDeps } from './ports.ts';
import { selfTest } from './self-test.ts';

export interface Bridge {
  readonly handlers: HandlersOf<'bridge'>;
  /** For the gateway: answers requests to `/mcp` that it has let through. Loads the MCP SDK at the first one. */
  readonly mcpHttp: McpHttp;
  /** A token was revoked or has expired: its sessions, open requests, running commands and open questions end. */
  closeCaller(principal: string): Promise<void>;
  /** Ends all sessions, running commands and open questions. */
  stop(): Promise<void>;
}

/** The MCP bridge: the tools, as commands behind the router, and the MCP server that calls them. */
export function createBridge(deps: BridgeDeps): Bridge {
  const endings = createCallEndings();

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
    ...createBridgeTools(deps, endings),
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

function withoutUndefined(patch: ParsedInputOf<'bridge.setModes'>): Partial<BridgeModes> {
  return {
    ...(patch.tools !== undefined && { tools: patch.tools }),
    ...(patch.write !== undefined && { write: patch.write }),
    ...(patch.bash !== undefined && { bash: patch.bash }),
  };
}
