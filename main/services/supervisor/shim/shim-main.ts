import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createLineReader } from '../../../kernel/lines.ts';
import type { Clock } from '../../../kernel/ports.ts';
import { MAX_MESSAGE, type ShimEvent, type ShimRequest } from './messages.ts';
import { createLogSink } from '../logs/log-sink.ts';
import { createProcessScan, shareScans } from './run-members.ts';
import { createShim } from './shim.ts';

/** A host that does not read its socket is let go at this many bytes, not waited for: it asks anew when it comes back. */
const MAX_BEHIND = 64 * 1024 * 1024;
/** How long what runs has to end when the system is shut down. */
const SHUTDOWN_MS = 5_000;
const LOOK_MS = 60_000;

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The whole program: one host at a time, the last one counts; without a host it goes on, without runs it ends. */
function main(settings: { socket: string; pipesFolder: string }): void {
  let host: Socket | null = null;
  let quitting = false;

  function tell(event: ShimEvent): void {
    if (host && host.writableLength > MAX_BEHIND) host.destroy();
    host?.write(`${JSON.stringify(event)}\n`);
    if (event.type === 'ended' || event.type === 'refused') setImmediate(endWhenIdle);
  }

  const shim = createShim({
    clock,
    scan: shareScans(createProcessScan(), clock),
    openSink: createLogSink,
    pipesFolder: settings.pipesFolder,
    tell,
  });

  function endWhenIdle(): void {
    const alone = host === null || quitting;
    if (alone && !shim.isNeeded()) end();
  }

  function end(): void {
    rmSync(settings.socket, { force: true });
    process.exit(0);
  }

  function receive(line: string): void {
    const request = JSON.parse(line) as ShimRequest;
    if (request.type === 'quit') quitting = true;
    shim.handle(request);
    if (request.type === 'forget' || request.type === 'quit') endWhenIdle();
  }

  const server = createServer((socket) => {
    host?.destroy();
    host = socket;
    const read = createLineReader(MAX_MESSAGE, receive);
    socket.on('data', (piece: Buffer) => {
      try {
        read(piece);
      } catch {
        // Not the protocol: whoever it is, it is not our host.
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (host !== socket) return;
      host = null;
      endWhenIdle();
    });
    socket.write(`${JSON.stringify(shim.hello())}\n`);
  });
  rmSync(settings.socket, { force: true });
  server.listen(settings.socket, () => {
    chmodSync(settings.socket, 0o600);
    process.stdout.on('error', () => {});
    process.stdout.write('listening\n');
  });
  // Its home was removed: no host will ever ask how the last of them ended.
  setInterval(() => {
    if (host === null && !existsSync(settings.socket) && !shim.hasLive()) process.exit(0);
  }, LOOK_MS).unref();
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => void shim.stopAll(SHUTDOWN_MS).then(end));
}

main(JSON.parse(process.argv[2] ?? '{}') as { socket: string; pipesFolder: string });
