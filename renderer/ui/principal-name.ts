import type { HostState } from '../../contract/host-state.ts';
import { en } from '../texts/en.ts';

type Known = Pick<HostState, 'devices' | 'tokens'>;

/**
 * A principal (`owner:desktop`, `device:ID`, `mcp:TOKEN`, `task:ID`, `agent:NAME`) as a person knows it. What is not
 * known any more keeps its id: a wrong name would be worse than none.
 */
export function principalName(principal: string, { devices, tokens }: Known): string {
  const at = principal.indexOf(':');
  const [kind, id] = at === -1 ? [principal, ''] : [principal.slice(0, at), principal.slice(at + 1)];
  const t = en.principals;
  switch (kind) {
    case 'owner':
      return id === 'cli' ? t.commandLine : id === 'browser' ? t.browser : t.desktop;
    case 'device':
      return devices[id]?.name ?? t.device(id);
    case 'mcp':
      return id === 'local' ? t.localClient : t.client(tokens[id]?.name ?? id);
    case 'task':
      return t.task;
    case 'agent':
      return t.agent(id);
    default:
      return principal;
  }
}
