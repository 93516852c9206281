import { HostError } from '../../../contract/errors.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { AgentHandlersDeps } from './agent-handlers.ts';
import { bridgeSettings } from './bridge-settings.ts';

type BridgeCommand = 'agents.connectBridge' | 'agents.disconnectBridge';
type BridgeDeps = Pick<AgentHandlersDeps, 'settings' | 'audit' | 'bridge' | 'hostEnv' | 'find'>;

/** The bridge in an agent's own settings file, with a token that is good for nothing else. */
export function createBridgeHandlers({
  settings,
  audit,
  bridge,
  hostEnv,
  find,
}: BridgeDeps): Pick<HandlersOf<'agents'>, BridgeCommand> {
  return {
    'agents.connectBridge': async ({ name, scope, workspace }, caller) => {
      const { known } = await find(name);
      const own = bridgeSettings(known, hostEnv);
      const url = bridge.url();
      if (url === null) throw new HostError('unavailable', 'the MCP bridge does not listen');
      const before = settings.get(name).bridgeToken;
      await audit.append({
        actor: caller.principal,
        type: 'agent.bridge-connected',
        object: name,
        facts: { file: own.file, scope },
      });
      const { id, token } = await bridge.make({ name: `${name}, own settings`, scope, workspace }, caller);
      try {
        own.write(url, token, before !== null);
      } catch (error) {
        bridge.take(id);
        throw error;
      }
      settings.put(name, { ...settings.get(name), bridgeToken: id });
      if (before !== null) bridge.take(before);
      return { file: own.file, tokenId: id };
    },

    'agents.disconnectBridge': async ({ name }, caller) => {
      const { known } = await find(name);
      const own = bridgeSettings(known, hostEnv);
      const { bridgeToken } = settings.get(name);
      if (bridgeToken === null) {
        throw new HostError('not_found', `Signalbox wrote no bridge into the settings of "${name}"`);
      }
      await audit.append({
        actor: caller.principal,
        type: 'agent.bridge-disconnected',
        object: name,
        facts: { file: own.file },
      });
      // The token ends first: a file that cannot be changed then holds one that opens nothing.
      bridge.take(bridgeToken);
      own.remove();
      settings.put(name, { ...settings.get(name), bridgeToken: null });
      return { file: own.file };
    },
  };
}
