import { spawn } from 'node:child_process';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Clock } from '../../../kernel/ports.ts';
import { createLineReader } from '../../../kernel/lines.ts';
import { MAX_MESSAGE, type ShimEvent, type ShimRequest } from './messages.ts';
import { createShim, type ShimDeps } from './shim.ts';

export interface ShimListener {
  event(event: ShimEvent): void;
  /** It is gone, or cannot be reached any more. */
  closed(): void;
}

export interface ShimConnection {
  send(request: ShimRequest): void;
  /** Lets go of it; what it holds goes on. */
  close(): void;
}

/** How the host reaches its shim. The first event is always `hello`. */
export interface ShimConnector {
  /** The shim of an earlier host, if one lives. */
  find(listener: ShimListener): Promise<ShimConnection | null>;
  /** @throws Error when it cannot be started */
  start(listener: ShimListener): Promise<ShimConnection>;
}

const START_MS = 10_000;

/**
 * A shim that is a process of its own, behind a socket in a private folder.
 * @param argv how it is started; its settings follow as one argument of JSON
 */
export function socketConnector(options: {
  readonly argv: readonly string[];
  readonly socket: string;
  readonly pipesFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}): ShimConnector {
  const { argv, socket: path, pipesFolder, env, clock } = options;
  return {
    find: (listener) => open(path, listener),
    async start(listener) {
      const [program = '', ...args] = argv;
      const settings = JSON.stringify({ socket: path, pipesFolder });
      const child = spawn(program, [...args, settings], {
        detached: true,
        // Its standard input ends with this host.
        stdio: ['pipe', 'pipe', 'pipe'],
        // It starts nothing by itself but mkfifo; each process gets an environment of its own.
        env: { PATH: env['PATH'], HOME: env['HOME'] },
        windowsHide: true,
      });
      await listening(child, clock);
      const connection = await open(path, listener);
      if (!connection) throw new Error('the process that holds the managed processes does not answer');
      return connection;
    },
  };
}

/** Resolves with its first word, which it says when it listens. */
async function listening(child: ReturnType<typeof spawn>, clock: Clock): Promise<void> {
  let complaint = '';
  let cancel = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      cancel = clock.after(START_MS, () => reject(new Error('it does not start in time')));
      child.stderr?.on('data', (piece: Buffer) => (complaint = (complaint + piece.toString()).slice(-500)));
      child.stdout?.once('data', () => resolve());
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`it ended with code ${code}: ${complaint.trim()}`)));
    });
  } finally {
    cancel();
    child.stdin?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.removeAllListeners();
    child.on('error', () => {});
    child.unref();
  }
}

async function open(path: string, listener: ShimListener): Promise<ShimConnection | null> {
  const socket = connectSocket(path);
  const found = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  return found ? speak(socket, listener) : null;
}

function speak(socket: Socket, listener: ShimListener): ShimConnection {
  const read = createLineReader(MAX_MESSAGE, (line) => listener.event(JSON.parse(line) as ShimEvent));
  socket.on('data', (piece: Buffer) => {
    try {
      read(piece);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : undefined);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => listener.closed());
  return {
    send: (request) => void socket.write(`${JSON.stringify(request)}\n`),
    close: () => socket.destroy(),
  };
}

/** A shim inside the host, for tests and for systems without named pipes in the file system: it ends with the host. */
export function insideConnector(deps: Omit<ShimDeps, 'tell'>): ShimConnector {
  return {
    find: () => Promise.resolve(null),
    async start(listener) {
      let open = true;
      const shim = createShim({
        ...deps,
        tell: (event) => setImmediate(() => open && listener.event(event)),
      });
      const hello = shim.hello();
      setImmediate(() => listener.event(hello));
      return {
        send(request) {
          if (!open) return;
          shim.handle(request);
          if (request.type === 'quit') setImmediate(() => listener.closed());
        },
        close() {
          open = false;
        },
      };
    },
  };
}
