import { client, methods, ndJsonStream, type ClientContext, type Stream } from '@agentclientprotocol/sdk';
import { createHttpStream } from '@agentclientprotocol/sdk/experimental/http-client';
import { createWebSocketStream } from '@agentclientprotocol/sdk/experimental/ws-client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { endGroup } from './process-tree.ts';
import { hostEnv, LAUNCHER } from './run-cli.ts';
import { within } from './within.ts';

const END_MS = 15_000;

/** A way to an agent, opened anew for every conversation. */
export interface Way {
  readonly stream: Stream;
  /** Hangs up as its client does, and resolves when its own processes have ended. */
  close(): Promise<void>;
}

/** The SDK's own client over WebSocket. */
export function overWebSocket(url: string, token: string): Way {
  const headers = { authorization: `Bearer ${token}` };
  return closedByStream(createWebSocketStream(url, { WebSocket, headers }));
}

/** The SDK's own client over Streamable HTTP. */
export function overHttp(url: string, token: string): Way {
  const address = url.replace(/^ws/, 'http');
  return closedByStream(createHttpStream(address, { headers: { authorization: `Bearer ${token}` } }));
}

function closedByStream(stream: Stream): Way {
  return {
    stream,
    async close() {
      // A stream that is closed already says so, and is as wanted.
      await stream.writable.close().catch(() => {});
    },
  };
}

/**
 * A client that knows stdio only, with `acp connect` in the place of an agent. It is to have nothing to complain of,
 * unless it `mayReconnect`.
 */
export function overMirror(
  url: string,
  options: { home: string; tokenFile: string; mayReconnect?: boolean },
): Way {
  const args = [LAUNCHER, 'acp', 'connect', url, '--token-file', options.tokenFile];
  const child = spawn(process.execPath, args, {
    env: hostEnv(options.home),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  child.stdin.on('error', () => {});
  const ended = once(child, 'close') as Promise<[number | null]>;
  const output = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
  return {
    stream: ndJsonStream(Writable.toWeb(child.stdin) as WritableStream<Uint8Array>, output),
    async close() {
      child.stdin.end();
      try {
        const [code] = await within(END_MS, 'acp connect ends with its input', ended);
        const isQuiet = said === '' || options.mayReconnect === true;
        if (code !== 0 || !isQuiet) throw new Error(`acp connect ended with ${code ?? 'a signal'}:\n${said}`);
      } finally {
        endGroup(child.pid, 'SIGKILL');
      }
    },
  };
}

export interface Heard {
  /** All text of messages, of the agent and of the person as the agent tells them again. */
  text: string;
  /** Permission requests that reached this client. */
  asked: number;
  updates: number;
}

/** One conversation over one way, from the connection to the end of it. */
export async function converse(
  way: Way,
  talk: (agent: ClientContext, heard: Heard) => Promise<void>,
): Promise<Heard> {
  const heard: Heard = { text: '', asked: 0, updates: 0 };
  try {
    await client({ name: 'e2e' })
      .onRequest(methods.client.session.requestPermission, () => {
        heard.asked += 1;
        return { outcome: { outcome: 'cancelled' as const } };
      })
      .onNotification(methods.client.session.update, ({ params: { update } }) => {
        heard.updates += 1;
        const isText =
          update.sessionUpdate === 'agent_message_chunk' || update.sessionUpdate === 'user_message_chunk';
        if (isText && update.content.type === 'text') heard.text += update.content.text;
      })
      .connectWith(way.stream, async (agent) => talk(agent, heard));
  } finally {
    await way.close();
  }
  return heard;
}
