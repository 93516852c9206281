import type { WebSocket } from 'ws';
import { CLOSE_REFUSED, type FramePipe } from '../../../contract/channel/frame-pipe.ts';
import type { Backlog } from '../../kernel/state-feed.ts';

/** No honest reader lets so much pile up, in bytes: byte streams have windows and the state stream pauses long before. */
const MAX_BUFFERED = 32 * 1024 * 1024;
/** Below this a slow reader has caught up. */
const CAUGHT_UP = 64 * 1024;

/** A WebSocket as the channel wants it, binary frames only, and what waits in it because its reader is slow. */
export function socketPipe(socket: WebSocket): { pipe: FramePipe; backlog: Backlog } {
  let onMessage: ((frame: Uint8Array) => void) | null = null;
  const early: Uint8Array[] = [];
  let waiters: (() => void)[] = [];

  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return socket.close(CLOSE_REFUSED);
    const frame = new Uint8Array(data);
    if (onMessage) onMessage(frame);
    else early.push(frame);
  });
  socket.on('error', () => socket.terminate());

  function sent(): void {
    if (waiters.length === 0 || socket.bufferedAmount > CAUGHT_UP) return;
    const due = waiters;
    waiters = [];
    for (const run of due) run();
  }

  return {
    pipe: {
      send(frame) {
        if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
        else socket.send(frame, sent);
      },
      close: (code) => socket.close(code),
      onMessage(handler) {
        onMessage = handler;
        for (const frame of early.splice(0)) handler(frame);
      },
      onClose: (handler) => void socket.on('close', (code) => handler(code)),
    },
    backlog: {
      waiting: () => socket.bufferedAmount,
      drained(run) {
        waiters.push(run);
        // Nothing may be left to be sent: then nothing would call.
        setImmediate(sent);
      },
    },
  };
}
