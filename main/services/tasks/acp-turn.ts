import { Readable, Writable } from 'node:stream';
import type { ClientConnection, StopReason } from '@agentclientprotocol/sdk';
import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { Conversation } from './conversation.ts';
import type { AgentProcess } from './ports.ts';

/** An agent that downloads itself at its first start takes its time. */
const OPENING_MS = 180_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export interface TurnDeps {
  readonly agent: AgentProcess;
  readonly conversation: Conversation;
  readonly clock: Clock;
  /** The session of the agent is open; resolves when it is on record. */
  readonly onSession: (agentSessionId: string) => Promise<void>;
}

export interface AcpTurn {
  /**
   * Opens a session in a folder, gives it one prompt, and resolves with why the agent stopped.
   * @throws HostError or the error that the agent answered
   */
  run(cwd: string, text: string): Promise<StopReason>;
  /** Asks the agent to end its turn; false when there is none yet. */
  cancel(): boolean;
  close(): void;
}

/** One prompt to one agent over ACP version 1. The SDK is loaded when it is first needed. */
export async function openTurn({ agent, conversation, clock, onSession }: TurnDeps): Promise<AcpTurn> {
  const acp = await import('@agentclientprotocol/sdk');
  let sessionId: string | null = null;
  let prompting = false;

  function ours<T>(asked: string, work: () => Promise<T>): Promise<T> {
    if (asked !== sessionId) return Promise.reject(acp.RequestError.sessionNotFound(asked));
    return work().catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      const code = error.code === 'not_found' ? -32002 : -32603;
      throw new acp.RequestError(code, error.message, { code: error.code });
    });
  }

  const { client } = acp.methods;
  const app = acp
    .client({ name: 'signalbox' })
    .onNotification(client.session.update, ({ params }) => {
      if (sessionId === null || params.sessionId === sessionId) conversation.update(params.update);
    })
    // Agents also send notices of their own; who does not know them is to ignore them.
    .onNotification('*', () => {})
    .onRequest(client.session.requestPermission, ({ params }) =>
      ours(params.sessionId, () => conversation.requestPermission(params)),
    )
    .onRequest(client.fs.readTextFile, ({ params }) =>
      ours(params.sessionId, () => conversation.readTextFile(params)),
    )
    .onRequest(client.fs.writeTextFile, ({ params }) =>
      ours(params.sessionId, () => conversation.writeTextFile(params)),
    );

  const output = Writable.toWeb(agent.stdin) as WritableStream<Uint8Array>;
  const input = Readable.toWeb(agent.stdout) as ReadableStream<Uint8Array>;
  const connection: ClientConnection = app.connect(
    acp.ndJsonStream(output, input, { maxMessageBytes: MAX_MESSAGE_BYTES }),
  );
  const peer = connection.agent;

  return {
    async run(cwd, text) {
      const greeting = await within(
        clock,
        'initialize',
        peer.request(acp.methods.agent.initialize, {
          protocolVersion: 1,
          clientInfo: { name: 'signalbox', title: 'Signalbox', version: '1' },
          clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
        }),
      );
      if (greeting.protocolVersion !== 1) {
        throw new HostError(
          'unavailable',
          `the agent speaks ACP ${greeting.protocolVersion}; version 1 is needed`,
        );
      }
      const opened = await within(
        clock,
        'session/new',
        peer.request(acp.methods.agent.session.new, { cwd, mcpServers: [] }),
      );
      sessionId = opened.sessionId;
      await onSession(opened.sessionId);
      prompting = true;
      const answer = await peer.request<'session/prompt'>(acp.methods.agent.session.prompt, {
        sessionId: opened.sessionId,
        prompt: [{ type: 'text', text }],
      });
      prompting = false;
      return answer.stopReason;
    },
    cancel() {
      if (!prompting || sessionId === null) return false;
      peer.notify(acp.methods.agent.session.cancel, { sessionId }).catch(() => {});
      return true;
    },
    close: () => connection.close(),
  };
}

function within<T>(clock: Clock, what: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(OPENING_MS, () => {
      reject(
        new HostError('timed_out', `the agent did not answer ${what} within ${OPENING_MS / 1000} seconds`),
      );
    });
    answer.then(resolve, reject).finally(stop);
  });
}
