import * as z from 'zod';
import type { AgentCheck } from '../../../contract/agents.ts';

// Agents send more than the schema knows and now and then something else than it says: what cannot be read counts as
// not said.
const flag = z.boolean().catch(false);
/** In the protocol a capability without settings is `{}`; absent or null means that it is not there. */
const present = z
  .unknown()
  .optional()
  .transform((value) => value !== undefined && value !== null && value !== false);
const words = (max: number) =>
  z
    .string()
    .transform((text) => text.slice(0, max))
    .catch('');

const Answer = z.object({
  protocolVersion: z.int().nonnegative(),
  agentInfo: z
    .object({ name: words(256), version: words(256) })
    .nullish()
    .catch(null),
  agentCapabilities: z
    .object({
      loadSession: flag,
      promptCapabilities: z
        .object({ image: flag, audio: flag, embeddedContext: flag })
        .catch({ image: false, audio: false, embeddedContext: false }),
      mcpCapabilities: z.object({ http: flag, sse: flag }).catch({ http: false, sse: false }),
      sessionCapabilities: z
        .object({
          resume: present,
          list: present,
          delete: present,
          fork: present,
          close: present,
        })
        .catch({ resume: false, list: false, delete: false, fork: false, close: false }),
    })
    .catch({
      loadSession: false,
      promptCapabilities: { image: false, audio: false, embeddedContext: false },
      mcpCapabilities: { http: false, sse: false },
      sessionCapabilities: { resume: false, list: false, delete: false, fork: false, close: false },
    }),
  authMethods: z
    .array(
      z
        .object({ id: words(256), name: words(256), description: words(1024) })
        .catch({ id: '', name: '', description: '' }),
    )
    .catch([]),
});

export type AgentAnswer = Pick<
  AgentCheck,
  'protocolVersion' | 'agent' | 'sessions' | 'prompt' | 'mcp' | 'authMethods'
>;

/** What an agent answered to `initialize`, cut to size; null when it is no answer of the protocol. Pure. */
export function readAnswer(raw: unknown): AgentAnswer | null {
  const parsed = Answer.safeParse(raw);
  if (!parsed.success) return null;
  const { protocolVersion, agentInfo, agentCapabilities, authMethods } = parsed.data;
  const { loadSession, sessionCapabilities } = agentCapabilities;
  return {
    protocolVersion,
    agent: agentInfo ?? null,
    sessions: { load: loadSession, ...sessionCapabilities },
    prompt: agentCapabilities.promptCapabilities,
    mcp: agentCapabilities.mcpCapabilities,
    authMethods: authMethods.filter(({ id }) => id !== '').slice(0, 32),
  };
}
