import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { MAX_MESSAGE_BYTES } from '../../../contract/wire.ts';
import { mcpCaller, ownerCaller, type Caller } from '../../kernel/caller.ts';
import { writeFileAtomic } from '../../kernel/atomic-file.ts';
import type { Connection } from '../../kernel/connection.ts';
import { ControlHello, type ControlWelcome } from '../../kernel/control-protocol.ts';
import { makePrivate } from '../../kernel/home.ts';
import { createLineReader } from '../../kernel/lines.ts';
import type { Log } from '../../kernel/ports.ts';
import type { Door, HostFacts, Workspaces } from './ports.ts';

const MAX_CLIENTS = 64;
const HELLO_MS = 5_000;
const MAX_BUFFERED = 16 * 1024 * 1024;

/** The command line's way in: a socket in a folder that only this user can enter. */
export function createControlSocket(deps: {
  path: string;
  /** Where the path is written down for programs with another environment. */
  announcement: string;
  door: Door;
  workspaces: Workspaces;
  host: HostFacts;
  log: Log;
}) {
  const { path, announcement, door, workspaces, host, log } = deps;
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  function callerOf(hello: ControlHello): Caller {
    if (hello.as === 'owner') return ownerCaller('cli');
    const workspace = workspaces.resolve(hello.workspace, ownerCaller('cli'));
    return mcpCaller('local', 'exec', workspace.id);
  }

  function serve(socket: Socket): void {
    let connection: Connection | null = null;
    const send = (message: unknown) => {
      if (socket.writableLength > MAX_BUFFERED) socket.destroy();
      else socket.write(`${JSON.stringify(message)}\n`);
    };
    const refuse = (error: unknown) => {
      const message = error instanceof Error ? error.message : 'bad message';
      socket.end(`${JSON.stringify({ error: { code: 'invalid_input', message } })}\n`);
    };
    const onLine = (line: string) => {
      const raw: unknown = JSON.parse(line);
      if (connection) {
        connection.receive(raw);
        return;
      }
      connection = door.connect(callerOf(ControlHello.parse(raw)), send);
      clearTimeout(deadline);
      const welcome: ControlWelcome = { hello: 1, hostId: host.id, version: host.version, pid: host.pid };
      send(welcome);
    };
    const feed = createLineReader(MAX_MESSAGE_BYTES, onLine);
    const deadline = setTimeout(() => socket.destroy(), HELLO_MS);
    deadline.unref();
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      try {
        feed(chunk);
      } catch (error) {
        refuse(error);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(deadline);
      sockets.delete(socket);
      connection?.close();
    });
  }

  return {
    async start(): Promise<void> {
      // The lock on the home is ours, so a socket that lies here is a leftover.
      if (process.platform !== 'win32') {
        makePrivate(dirname(path));
        rmSync(path, { force: true });
      }
      const made = createServer((socket) => {
        if (sockets.size >= MAX_CLIENTS) socket.destroy();
        else serve(socket);
      });
      made.on('error', (error) => log.error({ error: String(error) }, 'control socket'));
      await new Promise<void>((resolve, reject) => {
        made.once('error', reject);
        made.listen(path, () => resolve());
      });
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      writeFileAtomic(announcement, `${path}\n`);
      server = made;
    },
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      const closing = server;
      if (closing) rmSync(announcement, { force: true });
      server = null;
      if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
  };
}
