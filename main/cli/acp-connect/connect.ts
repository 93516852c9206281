import { randomInt } from 'node:crypto';
import { nodeClock } from '../../ports.node.ts';
import type { RemoteAddress } from './address.ts';
import { createCookies } from './cookies.ts';
import { createEditorSide } from './editor-side.ts';
import { httpDial } from './http-link.ts';
import { MAX_FRAME } from './link.ts';
import { mirror } from './mirror.ts';
import type { Rewriting } from './outgoing.ts';
import { webSocketDial } from './ws-link.ts';

export interface ConnectOptions {
  readonly address: RemoteAddress;
  readonly token: string | null;
  readonly rewriting: Rewriting;
  readonly latency: boolean;
  readonly reconnectMs: number;
  readonly note: (text: string) => void;
}

/**
 * Mirrors a remote agent to the stdin and stdout of this process.
 * @throws Failure
 */
export async function connect(options: ConnectOptions): Promise<void> {
  const { address, token, note } = options;
  const { url, transport } = address;
  const remote = {
    url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    cookies: createCookies(),
    clock: nodeClock,
  };
  // Neither a timer of ours nor an input that is not read keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  try {
    await mirror({
      ...options,
      dial: transport === 'websocket' ? webSocketDial(remote) : httpDial(remote),
      editor: createEditorSide(process.stdin, process.stdout, MAX_FRAME),
      clock: nodeClock,
      chance: () => randomInt(1000) / 1000,
      note,
      name: url.host,
      stopped: new Promise((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
      }),
    });
  } finally {
    clearInterval(alive);
    process.stdin.destroy();
  }
}
