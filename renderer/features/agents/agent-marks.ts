import type { Agent } from '../../../contract/agents.ts';
import { en } from '../../texts/en.ts';
import type { Mark } from '../../ui/state-mark.tsx';

const t = en.agents;

const shapes: Record<Agent['state'], Omit<Mark, 'word'>> = {
  available: { tone: 'ok', icon: 'check' },
  missing: { tone: 'danger', icon: 'cross' },
  unreadable: { tone: 'danger', icon: 'lock' },
};

export const agentMark = ({ state }: Pick<Agent, 'state'>): Mark => ({
  ...shapes[state],
  word: t.states[state],
});

const loginShapes: Record<Agent['login'], Omit<Mark, 'word'>> = {
  yes: { tone: 'ok', icon: 'lock' },
  no: { tone: 'warning', icon: 'warning' },
  unknown: { tone: 'neutral', icon: 'question' },
};

export const loginMark = ({ login, source }: Pick<Agent, 'login' | 'source'>): Mark =>
  source === 'built-in'
    ? { tone: 'neutral', icon: 'check', word: t.loginNone }
    : { ...loginShapes[login], word: t.logins[login] };

/** Where a remote client finds the agent: the first that is served also answers without a name. Null: nowhere. */
export function servedAt(name: string, served: readonly string[]): string | null {
  const at = served.indexOf(name);
  if (at === -1) return null;
  return at === 0 ? `/acp/${name}, /acp` : `/acp/${name}`;
}

/** What can be given a task comes first; then by name. Pure. */
export function inOrder(agents: Readonly<Record<string, Agent>>): Agent[] {
  const rank = (agent: Agent): number => (agent.state === 'available' ? 0 : 1);
  return Object.values(agents).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en'));
}
