import * as z from 'zod';
import { command, Nothing } from './command.ts';

export const AgentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'an agent name is 1 to 63 lower-case letters, digits or "-"');

/** An ACP agent that this host can start. */
export const Agent = z.strictObject({
  id: AgentName,
  name: AgentName,
  title: z.string().max(128),
  source: z.enum(['built-in', 'detected', 'user']),
  state: z.enum(['available', 'missing']),
  argv: z.array(z.string().max(4096)).min(1).max(256),
  /** Names of environment variables handed on beyond the minimal set; values stay out of the state. */
  envNames: z.array(z.string()).max(64),
});
export type Agent = z.infer<typeof Agent>;

export const agentCommands = {
  'agents.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'The agents of this host: built in, found on PATH, or added.',
    input: Nothing,
    output: z.strictObject({ agents: z.array(Agent) }),
  }),
  'agents.add': command({
    capability: 'own',
    risk: 'high',
    summary: 'Define an agent: any program that speaks ACP on stdin and stdout.',
    input: z.strictObject({
      name: AgentName,
      title: z.string().max(128).optional(),
      argv: z.array(z.string().min(1).max(4096)).min(1).max(256),
      env: z
        .record(
          z
            .string()
            .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
            .max(256),
          z.string().max(32_768),
        )
        .default({}),
    }),
    output: Agent,
  }),
  'agents.remove': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Forget an agent that was added.',
    input: z.strictObject({ name: AgentName }),
    output: Nothing,
  }),
};

export const AgentChanged = z.strictObject({ type: z.literal('agent.changed'), agent: Agent });
export const AgentRemoved = z.strictObject({ type: z.literal('agent.removed'), name: AgentName });
