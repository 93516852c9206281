import { ownerCaller } from './kernel/caller.ts';
import type { BridgeAccess } from './services/agents/ports.ts';
import type { Processes, TestAccess } from './services/bridge/ports.ts';
import type { Gateway } from './services/gateway/gateway.ts';
import type { Supervisor } from './services/supervisor/supervisor.ts';

/** Read when it is needed: the gateway is made after the services that ask it. */
type LaterGateway = () => Pick<Gateway, 'tokens' | 'handlers' | 'listeners' | 'withdraw'>;

/** The MCP bridge as agents are handed it: its address, and tokens of their own. */
export function bridgeForAgents(gateway: LaterGateway): BridgeAccess {
  return {
    url: () => gateway().listeners().mcp,
    hand(facts) {
      const { info, token } = gateway().tokens.hand(facts);
      return { id: info.id, token };
    },
    async make({ name, scope, workspace }, caller) {
      const create = gateway().handlers['gateway.createToken'];
      const place = workspace === undefined ? {} : { workspace };
      const made = await create({ kind: 'mcp', name, scope, ...place }, caller);
      return { id: made.info.id, token: made.token };
    },
    take: (id) => void gateway().withdraw(id),
  };
}

/** The managed processes as clients of the bridge see them. */
export function processesForBridge(supervisor: Pick<Supervisor, 'handlers' | 'snapshot'>): Processes {
  return {
    list: () => supervisor.snapshot(),
    readLines: async (input) => supervisor.handlers['supervisor.readLines'](input, ownerCaller('desktop')),
    searchLogs: async (input) => supervisor.handlers['supervisor.searchLogs'](input, ownerCaller('desktop')),
    control: async (name, action, caller) => supervisor.handlers[`supervisor.${action}`]({ name }, caller),
  };
}

/** What the bridge needs to try itself as a client would. */
export function bridgeTestAccess(gateway: LaterGateway): TestAccess {
  return {
    async mintTestToken() {
      const asked = {
        kind: 'mcp',
        name: 'self-test',
        scope: 'read',
        workspaceId: null,
        expiresAt: null,
      } as const;
      const { info, token } = gateway().tokens.create(asked);
      return { token, revoke: async () => void gateway().tokens.revoke(info.id) };
    },
    mcpUrl: () => gateway().listeners().mcp,
  };
}
