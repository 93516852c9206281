import { randomUUID } from 'node:crypto';
import { isAbsolute } from 'node:path';
import {
  agent,
  methods,
  RequestError,
  type AgentApp,
  type ClientCapabilities,
  type ContentBlock,
  type ToolKind,
} from '@agentclientprotocol/sdk';
import { createDemoFiles } from './demo-files.ts';
import { runTurn } from './demo-turn.ts';

interface DemoSession {
  readonly cwd: string;
  readonly standing: Set<ToolKind>;
  calls: number;
  running: AbortController | null;
}

/**
 * A complete ACP agent without a model: it reads the folder, proposes one edit, asks for leave, and does it. Good for
 * trying the whole way from a phone to a file, and for tests.
 */
export function createDemoAgent(options: { now: () => number }): AgentApp {
  const sessions = new Map<string, DemoSession>();
  let capabilities: ClientCapabilities | undefined;

  function sessionOf(sessionId: string): DemoSession {
    const session = sessions.get(sessionId);
    if (!session) throw RequestError.sessionNotFound(sessionId);
    return session;
  }

  return agent({ name: 'signalbox-demo' })
    .onRequest(methods.agent.initialize, ({ params }) => {
      capabilities = params.clientCapabilities;
      return {
        protocolVersion: 1,
        agentInfo: { name: 'signalbox-demo', title: 'Demo agent', version: '1' },
        agentCapabilities: { loadSession: false, promptCapabilities: { embeddedContext: true } },
        authMethods: [],
      };
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
      if (!isAbsolute(params.cwd))
        throw RequestError.invalidParams(undefined, 'cwd must be an absolute path');
      const sessionId = randomUUID();
      sessions.set(sessionId, { cwd: params.cwd, standing: new Set(), calls: 0, running: null });
      return { sessionId };
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
      const session = sessionOf(params.sessionId);
      if (session.running)
        throw RequestError.invalidRequest(undefined, 'a prompt is running in this session');
      const running = new AbortController();
      session.running = running;
      const { sessionId } = params;
      const files = createDemoFiles({ cwd: session.cwd, sessionId, client, capabilities: capabilities?.fs });
      try {
        const turn = {
          sessionId,
          cwd: session.cwd,
          client,
          files,
          signal: running.signal,
          standing: session.standing,
          nextCallId: () => `call-${(session.calls += 1)}`,
          today: () => new Date(options.now()).toISOString().slice(0, 10),
        };
        return { stopReason: await runTurn(turn, textOf(params.prompt)) };
      } finally {
        session.running = null;
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      sessions.get(params.sessionId)?.running?.abort();
    });
}

function textOf(blocks: readonly ContentBlock[]): string {
  return blocks
    .flatMap((block) => {
      if (block.type === 'text') return [block.text];
      return block.type === 'resource_link' ? [block.name] : [];
    })
    .join('\n');
}
