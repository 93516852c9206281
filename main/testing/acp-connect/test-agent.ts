import { agent, methods, RequestError, type AgentApp } from '@agentclientprotocol/sdk';

/** What all connections share: the sessions outlive the agents, as those of real agents do on disk. */
export interface AgentWorld {
  readonly sessions: Map<string, { cwd: string; said: string[] }>;
  /** Every request as it came. */
  readonly seen: { method: string; params: unknown }[];
  prompts: number;
}

export const agentWorld = (): AgentWorld => ({ sessions: new Map(), seen: [], prompts: 0 });

/**
 * An agent for tests. A prompt `ask` asks for leave first, `wait` goes on until it is cancelled, `read` reads a file of
 * the client; the rest is repeated.
 */
export function testAgent(world: AgentWorld): AgentApp {
  const cancelled = new Map<string, () => void>();

  function sessionOf(id: string) {
    const session = world.sessions.get(id);
    if (!session) throw RequestError.sessionNotFound(id);
    return session;
  }
  return agent({ name: 'test' })
    .onRequest(methods.agent.initialize, ({ params }) => {
      world.seen.push({ method: 'initialize', params });
      return {
        protocolVersion: 1,
        agentCapabilities: { loadSession: true, sessionCapabilities: { list: {} } },
        authMethods: [],
      };
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
      world.seen.push({ method: 'session/new', params });
      const sessionId = `s${world.sessions.size + 1}`;
      world.sessions.set(sessionId, { cwd: params.cwd, said: [] });
      return { sessionId };
    })
    .onRequest(methods.agent.session.list, () => ({
      sessions: [...world.sessions].map(([sessionId, { cwd }]) => ({ sessionId, cwd })),
    }))
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      world.seen.push({ method: 'session/load', params });
      for (const text of sessionOf(params.sessionId).said) {
        await client.notify(methods.client.session.update, {
          sessionId: params.sessionId,
          update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } },
        });
      }
      return {};
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
      const { sessionId, prompt } = params;
      const session = sessionOf(sessionId);
      const text = prompt.map((part) => (part.type === 'text' ? part.text : '')).join('');
      const say = async (words: string) => {
        session.said.push(words);
        await client.notify(methods.client.session.update, {
          sessionId,
          update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: words } },
        });
      };
      world.prompts += 1;
      if (text === 'ask') {
        const { outcome } = await client.request(methods.client.session.requestPermission, {
          sessionId,
          toolCall: { toolCallId: 't1', title: 'Do it' },
          options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }],
        });
        await say(`was ${outcome.outcome}`);
      } else if (text === 'wait') {
        const stopped = new Promise<void>((resolve) => cancelled.set(sessionId, resolve));
        await say('waiting');
        await stopped;
        return { stopReason: 'cancelled' };
      } else if (text === 'read') {
        const read = client.request(methods.client.fs.readTextFile, { sessionId, path: '/etc/hostname' });
        await say(await read.then(({ content }) => content, String));
      } else await say(text);
      return { stopReason: 'end_turn' };
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => cancelled.get(params.sessionId)?.());
}
