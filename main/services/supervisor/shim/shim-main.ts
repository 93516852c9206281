import { chmodSync, rmSync, statSync } from 'node:fs';
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
  let ours: string | null = null;

  /** A host that was killed before it could find this shim has been followed by one that started another. */
  const isOurSocket = (): boolean => ours !== null && nameOf(settings.socket) === ours;

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
    if (isOurSocket()) rmSync(settings.socket, { force: true });
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
  // A host that is gone by now may have been followed by one that has started a shim of its own: its place is not taken.
  const abandoned = () => process.exit(0);
  process.stdin.once('end', abandoned).resume();
  process.stdout.on('error', () => {});
  setImmediate(() => {
    process.stdin.off('end', abandoned).on('error', () => {});
    rmSync(settings.socket, { force: true });
    server.listen(settings.socket, () => {
      chmodSync(settings.socket, 0o600);
      ours = nameOf(settings.socket);
      process.stdout.write('listening\n');
    });
  });
  setInterval(() => {
    // Its host was killed before it could say a word.
    endWhenIdle();
    // Its home was removed, or another took its place: no host will ever ask how the last of them ended.
    if (host === null && !isOurSocket() && !shim.hasLive()) process.exit(0);
  }, LOOK_MS).unref();
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => void shim.stopAll(SHUTDOWN_MS).then(end));
}

/** Names a file for good: numbers of files are used again, and at once. */
function nameOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.ctimeNs}` : null;
}

main(JSON.parse(process.argv[2] ?? '{}') as { socket: string; pipesFolder: string });
