import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { createMessageClient, type MessageClient } from '../../contract/message-client.ts';
import type { HostState } from '../../contract/host-state.ts';
import { emptyMirror, foldFrame, type Mirror } from '../../contract/mirror.ts';
import { HostMessage, MAX_MESSAGE_BYTES } from '../../contract/wire.ts';
import { ControlWelcome, type ControlHello } from '../kernel/control-protocol.ts';
import { announcedSocket, homeLayout } from '../kernel/home.ts';
import { createLineReader } from '../kernel/lines.ts';
import { Exit } from './exit-code.ts';
import { Failure } from './failure.ts';

const WELCOME_MS = 5_000;
/** A frame of the host may hold a whole snapshot, which is larger than any message it takes. */
const MAX_LINE_BYTES = 16 * MAX_MESSAGE_BYTES;

export interface ControlClient extends MessageClient {
  readonly welcome: ControlWelcome;
  /** Settles with the reason when the host has hung up. Never rejects. */
  readonly lost: Promise<string>;
  /** The state as it is now. */
  snapshot(): Promise<HostState>;
  /**
   * Looks at the state, now and after each change, until `look` answers something.
   * @throws Failure `unavailable` when the host goes away first
   */
  watch<T>(look: (state: HostState) => T | null): Promise<T>;
  close(): void;
}

/**
 * Connects to the host of a home over its control socket.
 * @throws Failure with exit code 3 when none is running, `refused` when the socket is not this user's
 */
export async function connectControl(root: string, hello: ControlHello): Promise<ControlClient> {
  const path = announcedSocket(homeLayout(root));
  assertOurs(path, root);
  const socket = await dial(path, root);
  let reason = 'the host has hung up';
  let settle: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => (settle = resolve));
  let welcomed: (line: unknown) => void = () => {};
  const first = new Promise<unknown>((resolve) => (welcomed = resolve));
  let client: MessageClient | null = null;

  const onLine = (line: string) => {
    const message: unknown = JSON.parse(line);
    if (client) {
      client.receive(HostMessage.parse(message));
      return;
    }
    client = createMessageClient({
      send: (out) => {
        if (socket.destroyed) throw new Error('not connected');
        socket.write(`${JSON.stringify(out)}\n`);
      },
      newCommandId: () => randomBytes(16).toString('base64url'),
    });
    welcomed(message);
  };
  const feed = createLineReader(MAX_LINE_BYTES, onLine);
  socket.on('data', (chunk: Buffer) => {
    try {
      feed(chunk);
    } catch {
      reason =
        'the host answered in a way that this version does not understand; are both of the same version?';
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    client?.disconnected(reason);
    settle(reason);
  });
  socket.write(`${JSON.stringify(hello)}\n`);
  const welcome = await readWelcome(socket, first, lost);
  return withState(client as unknown as MessageClient, welcome, lost, () => socket.destroy());
}

function noHost(root: string): Failure {
  return new Failure(
    'unavailable',
    `no host is running for ${root}; start it with: signalbox serve (or npm start)`,
    { home: root },
    Exit.noHost,
  );
}

/** Everything the owner may do is behind this socket, so it must lie where nobody else can put one. */
function assertOurs(path: string, root: string): void {
  if (process.platform === 'win32') return;
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
  if (!folder) throw noHost(root);
  if (!folder.isDirectory() || folder.uid !== userInfo().uid || (folder.mode & 0o022) !== 0) {
    throw new Failure('refused', `${dirname(path)} must be a folder that only this user can write to`);
  }
}

function dial(path: string, root: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') reject(noHost(root));
      else
        reject(
          new Failure(
            'unavailable',
            `the control socket ${path} cannot be opened (${error.code ?? 'error'})`,
          ),
        );
    });
    socket.once('connect', () => resolve(socket));
  });
}

async function readWelcome(
  socket: Socket,
  first: Promise<unknown>,
  lost: Promise<string>,
): Promise<ControlWelcome> {
  const late = setTimeout(() => socket.destroy(), WELCOME_MS);
  const answer = await Promise.race([first, lost.then(() => null)]);
  clearTimeout(late);
  const parsed = ControlWelcome.safeParse(answer);
  if (parsed.success) return parsed.data;
  socket.destroy();
  const said = (answer as { error?: { message?: unknown } } | null)?.error?.message;
  if (typeof said === 'string') throw new Failure('refused', said);
  throw new Failure('unavailable', 'the host did not greet; it may be starting or stopping, so try again');
}

function withState(
  client: MessageClient,
  welcome: ControlWelcome,
  lost: Promise<string>,
  close: () => void,
): ControlClient {
  function watch<T>(look: (state: HostState) => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      let mirror: Mirror = emptyMirror;
      let unsubscribe = () => {};
      const start = () => {
        unsubscribe = client.subscribe(null, (frame) => {
          const next = foldFrame(mirror, frame);
          if (!next) return start();
          mirror = next;
          const found = look(mirror.state);
          if (found === null) return;
          unsubscribe();
          resolve(found);
        });
      };
      start();
      void lost.then((reason) => reject(new Failure('unavailable', reason)));
    });
  }
  return { ...client, welcome, lost, close, watch, snapshot: () => watch((state) => state) };
}
