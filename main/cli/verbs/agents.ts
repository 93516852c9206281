import type { Command } from 'commander';
import type { Verbs } from '../cli.ts';
import { addDefinitionVerbs } from './agents-define.ts';

/** The agents of this host. */
export function addAgentVerbs(program: Command, { verb, group }: Verbs): void {
  addDefinitionVerbs(group(program, 'agents', 'the agents that this host can start'), { verb, group });
}
