import { CHANNEL_PROTOCOL } from '../../contract/channel/channel-handshake.ts';
import { CLOSE_REFUSED } from '../../contract/channel/frame-pipe.ts';
import type { FramePipe } from '../../contract/channel/frame-pipe.ts';

/** A pipe that also remembers how it ended. */
export interface OpenPipe extends FramePipe {
  /** The close code, once the pipe has ended. */
  endCode(): number | undefined;
}

/** Opens a pipe to `url`. Rejects when it does not stand in time; a late socket is closed again. */
export type OpenPipeTo = (url: string) => Promise<OpenPipe>;

const OPEN_WITHIN = 8000;

/** Frames over a WebSocket of the platform. Text frames and codes of others end it: nothing but the channel speaks here. */
function pipeOver(socket: WebSocket): OpenPipe {
  let ended: number | undefined;
  let onClose: (code?: number) => void = () => undefined;
  let onMessage: ((frame: Uint8Array) => void) | undefined;
  const early: Uint8Array[] = [];
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (!(data instanceof ArrayBuffer)) {
      socket.close(CLOSE_REFUSED);
      return;
    }
    const frame = new Uint8Array(data);
    if (onMessage) onMessage(frame);
    else early.push(frame);
  };
  socket.onclose = ({ code }: { code?: number }) => {
    ended = code ?? 1006;
    onClose(ended);
  };
  return {
    send: (frame) => {
      socket.send(frame);
    },
    close: (code) => {
      socket.close(code ?? 1000);
    },
    onMessage(handler) {
      onMessage = handler;
      for (const frame of early.splice(0)) handler(frame);
    },
    onClose(handler) {
      onClose = handler;
      if (ended !== undefined) handler(ended);
    },
    endCode: () => ended,
  };
}

export const openWebSocketPipe: OpenPipeTo = (url) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, CHANNEL_PROTOCOL);
    socket.binaryType = 'arraybuffer';
    const timer = setTimeout(() => {
      socket.close();
      reject(new Error('The connection did not stand in time.'));
    }, OPEN_WITHIN);
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      act();
    };
    const fail = settle(() => {
      reject(new Error('The connection could not be made.'));
    });
    socket.onerror = fail;
    socket.onclose = fail;
    socket.onopen = settle(() => {
      resolve(pipeOver(socket));
    });
  });
