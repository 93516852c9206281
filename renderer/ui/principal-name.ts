import type { HostState } from '../../contract/host-state.ts';
import { en } from '../texts/en.ts';

type Known = Pick<HostState, 'devices' | 'tokens'>;

/**
 * A principal (`owner:desktop`, `device:ID`, `mcp:TOKEN`, `task:ID`, `agent:NAME`) as a person knows it. What is not
 * known any more keeps its id: a wrong name would be worse than none. Names that people chose stand in quotes, so that
 * no device can be called "you, in this app".
 */
export function principalName(principal: string, { devices, tokens }: Known): string {
  const at = principal.indexOf(':');
  const [kind, id] = at === -1 ? [principal, ''] : [principal.slice(0, at), principal.slice(at + 1)];
  const t = en.principals;
  switch (kind) {
    case 'owner':
      return Object.hasOwn(t.owner, id) ? t.owner[id as keyof typeof t.owner] : principal;
    case 'device':
      return Object.hasOwn(devices, id) ? t.named(devices[id]?.name ?? id) : t.device(id);
    case 'mcp':
      if (id === 'local') return t.localClient;
      return t.client(Object.hasOwn(tokens, id) ? t.named(tokens[id]?.name ?? id) : id);
    case 'task':
      return t.task;
    case 'agent':
      return t.agent(id);
    default:
      return principal;
  }
}
