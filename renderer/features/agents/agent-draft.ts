import type { Agent } from '../../../contract/agents.ts';
import type { InputOf } from '../../../contract/commands.ts';
import { argvOf } from '../processes/argv-line.ts';

/** An agent as it is typed. */
export interface AgentDraft {
  readonly name: string;
  readonly title: string;
  /** The command, as one line. */
  readonly line: string;
  /** Names of variables, with anything between them. */
  readonly inherit: string;
  readonly mcp: boolean;
}

export const emptyDraft: AgentDraft = { name: '', title: '', line: '', inherit: '', mcp: false };

/** What is wrong with a name: out of form, or that of another one of the owner's agents. */
export function wrongName(name: string, agents: Readonly<Record<string, Agent>>): 'form' | 'taken' | null {
  if (name !== '' && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return 'form';
  return agents[name]?.source === 'user' || name === 'demo' ? 'taken' : null;
}

/** The variables, or null where one is no name of a variable. */
export function inheritOf({ inherit }: AgentDraft): string[] | null {
  const words = inherit.split(/[\s,]+/).filter((word) => word !== '');
  return words.every((word) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) ? words : null;
}

/** What defines the agent, or null as long as the draft does not. */
export function definitionOf(
  draft: AgentDraft,
  agents: Readonly<Record<string, Agent>>,
): InputOf<'agents.add'> | null {
  const { name, mcp } = draft;
  const [argv, inherit, title] = [argvOf(draft.line), inheritOf(draft), draft.title.trim()];
  if (name === '' || wrongName(name, agents) !== null) return null;
  if (argv === null || argv.length === 0 || inherit === null) return null;
  return { name, argv, inherit, mcp, ...(title !== '' && { title }) };
}
