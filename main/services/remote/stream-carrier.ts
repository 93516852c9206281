import type { ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/ports.ts';
import { ENDINGS, type Ending } from './ending.ts';
import { HIGH_WATER, LOW_WATER, MAX_QUEUE, MAX_SESSIONS } from './limits.ts';
import { withoutLineEnds, type About, type Carrier, type Link } from './link.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { createStallWatch } from './stall-watch.ts';

const BEAT_MS = 15_000;
/** A client without any stream and without a request is gone; one that reconnects its streams is faster. */
const GONE_MS = 30_000;

export interface StreamCarrier extends Carrier {
  /** Resolves with the agent's answer to the request with this key, which then goes nowhere else. */
  firstAnswer(key: string): Promise<Buffer>;
  joined(link: Link): void;
  /** A client reads: its connection, or one session of it. Null when it may. */
  read(sessionId: string | null, response: ServerResponse): 'busy' | null;
  /** A request begins; the returned function ends it. */
  working(): () => void;
  close(ending: Ending): void;
}

/** The client's end over HTTP: one stream for the connection, and one for each session that it asks for. */
export function createStreamCarrier(deps: { clock: Clock; over: (ending: Ending) => void }): StreamCarrier {
  const { clock } = deps;
  const sessions = new Map<string, Mailbox>();
  let link: Link | null = null;
  let queuedBytes = 0;
  let queuedLines = 0;
  let working = 0;
  let ended = false;
  let first: { key: string; resolve: (line: Buffer) => void; reject: (error: Error) => void } | null = null;
  let stopLeaving = () => {};
  let stopBeating = clock.after(BEAT_MS, beat);

  function over(ending: Ending): void {
    if (ended) return;
    ended = true;
    slow.end();
    stopLeaving();
    stopBeating();
    first?.reject(new Error(ending.words));
    for (const box of [connection, ...sessions.values()]) box.finish();
    sessions.clear();
    deps.over(ending);
  }

  const slow = createStallWatch(
    clock,
    () => queuedBytes,
    () => over(ENDINGS.clientStalled),
  );
  const hooks = {
    queued(bytes: number) {
      queuedBytes += bytes;
      queuedLines += 1;
    },
    taken(bytes: number) {
      queuedBytes -= bytes;
      queuedLines -= 1;
      if (queuedBytes >= LOW_WATER || queuedLines >= MAX_QUEUE) return;
      slow.end();
      link?.release();
    },
    changed() {
      for (const [id, box] of sessions) if (!box.hasReceiver() && box.isEmpty()) sessions.delete(id);
      look();
    },
  };
  const connection = createMailbox(hooks);

  function look(): void {
    stopLeaving();
    const reads = connection.hasReceiver() || [...sessions.values()].some((box) => box.hasReceiver());
    if (!reads && working === 0 && !ended) stopLeaving = clock.after(GONE_MS, () => over(ENDINGS.clientGone));
  }

  function beat(): void {
    for (const box of [connection, ...sessions.values()]) box.beat();
    stopBeating = clock.after(BEAT_MS, beat);
  }

  function boxOf(sessionId: string): Mailbox | null {
    const known = sessions.get(sessionId);
    if (known) return known;
    if (sessions.size >= MAX_SESSIONS) return null;
    const box = createMailbox(hooks);
    sessions.set(sessionId, box);
    return box;
  }

  return {
    deliver(line: Buffer, about: About) {
      if (ended) return;
      if (first !== null && about.answers === first.key) {
        first.resolve(line);
        first = null;
        return;
      }
      const box = about.sessionId === null ? connection : boxOf(about.sessionId);
      if (box === null) {
        over(ENDINGS.tooMany);
        return;
      }
      // A line end between tokens would end the event.
      box.push(withoutLineEnds(line));
      if (queuedBytes <= HIGH_WATER && queuedLines <= MAX_QUEUE) return;
      slow.begin();
      link?.hold();
    },
    firstAnswer(key) {
      return new Promise((resolve, reject) => {
        first = { key, resolve, reject };
        if (ended) reject(new Error('the connection is over'));
      });
    },
    joined(made) {
      link = made;
    },
    read(sessionId, response) {
      const box = sessionId === null ? connection : boxOf(sessionId);
      return box?.attach(response) === true ? null : 'busy';
    },
    working() {
      working += 1;
      look();
      let done = false;
      return () => {
        if (done) return;
        done = true;
        working -= 1;
        look();
      };
    },
    close: over,
  };
}
