import type { IncomingMessage } from 'node:http';
import type { HttpCaller } from './http-call.ts';
import { DIAL_MS, MAX_FRAME } from './link.ts';
import { refusal } from './refusal.ts';
import { createEventReader } from './sse.ts';

export const SESSION = 'acp-session-id';

export interface HttpStreamsDeps {
  readonly url: URL;
  readonly caller: HttpCaller;
  /** What names the connection. */
  readonly headers: () => Readonly<Record<string, string>>;
  /** @param session on whose stream it came; null for that of the connection */
  readonly onFrame: (frame: Buffer, session: string | null) => void;
  readonly onTooLong: () => void;
  readonly onClosed: (session: string | null) => void;
}

/** The event streams of one connection: its own, and one for each session. */
export interface HttpStreams {
  /** Resolves when the stream stands; one that does already is left as it is. @throws Failure */
  open(session: string | null): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends all of them; nothing is told afterwards. */
  cut(): void;
}

export function createHttpStreams(deps: HttpStreamsDeps): HttpStreams {
  const { url, caller } = deps;
  const streams = new Map<string | null, Promise<void>>();
  const responses = new Set<IncomingMessage>();
  let isPaused = false;
  let isCut = false;

  async function connect(session: string | null): Promise<void> {
    const response = await caller.call({
      method: 'GET',
      headers: {
        ...deps.headers(),
        accept: 'text/event-stream',
        ...(session !== null && { [SESSION]: session }),
      },
      timeoutMs: DIAL_MS,
    });
    if (isCut || response.statusCode !== 200) {
      response.destroy();
      if (isCut) return;
      throw refusal(response.statusCode ?? 0, url);
    }
    responses.add(response);
    const read = createEventReader({
      maxBytes: MAX_FRAME,
      onData: (frame) => deps.onFrame(frame, session),
      onTooLong: deps.onTooLong,
    });
    response.on('data', read);
    if (isPaused) response.pause();
    response.on('error', () => {});
    response.once('close', () => {
      responses.delete(response);
      streams.delete(session);
      if (!isCut) deps.onClosed(session);
    });
  }

  return {
    open(session) {
      const found = streams.get(session);
      if (found) return found;
      const opening = connect(session);
      streams.set(session, opening);
      return opening;
    },
    pause() {
      isPaused = true;
      for (const response of responses) response.pause();
    },
    resume() {
      isPaused = false;
      for (const response of responses) response.resume();
    },
    cut() {
      isCut = true;
      for (const response of responses) response.destroy();
    },
  };
}
