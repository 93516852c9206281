// The shortest bridge that the SDK's own server makes: PORT COMMAND ARGS…
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { ndJsonStream } from '@agentclientprotocol/sdk';
import {
  createNodeHttpHandler,
  createNodeWebSocketUpgradeHandler,
} from '@agentclientprotocol/sdk/experimental/node';
import { AcpServer } from '@agentclientprotocol/sdk/experimental/server';
import { WebSocketServer } from 'ws';

const [port, command = '', ...args] = process.argv.slice(2);
const acp = new AcpServer({
  createAgent: () => ({
    connect(stream) {
      const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      const own = ndJsonStream(Writable.toWeb(child.stdin), Readable.toWeb(child.stdout));
      const closed = Promise.race([
        stream.readable.pipeTo(own.writable),
        own.readable.pipeTo(stream.writable),
      ])
        .catch(() => {})
        .then(() => void child.kill());
      return { closed };
    },
  }),
});
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 << 20 });
const server = createServer(createNodeHttpHandler(acp));
server.on('upgrade', createNodeWebSocketUpgradeHandler(acp, sockets));
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
