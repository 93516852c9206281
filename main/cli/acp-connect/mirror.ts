import type { Clock } from '../../kernel/ports.ts';
import { asFailure, Failure } from '../failure.ts';
import { createAsks } from './asks.ts';
import { backoffMs } from './backoff.ts';
import { createConversation } from './conversation.ts';
import type { EditorSide } from './editor-side.ts';
import type { Dial, LinkEnd, RemoteLink } from './link.ts';
import type { Rewriting } from './outgoing.ts';
import { restore } from './restore.ts';
import { createTraffic } from './traffic.ts';

/** What may wait while there is no connection; beyond it the editor is not read. */
const HOLD_BYTES = 1024 * 1024;
const INITIALIZE_MS = 60_000;
const FLUSH_MS = 1_000;
/** Another attempt would end the same way. */
const FINAL = ['not_permitted', 'conflict'];

export interface MirrorDeps {
  readonly dial: Dial;
  readonly editor: EditorSide;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly note: (text: string) => void;
  readonly rewriting: Rewriting;
  readonly latency: boolean;
  /** For how long a lost connection is tried again; 0: never. */
  readonly reconnectMs: number;
  /** The other side, as messages name it. */
  readonly name: string;
  /** Settles when somebody ends this program. */
  readonly stopped: Promise<void>;
}

/** How it ended: the editor has gone, the agent has ended in order, or a failure. */
type Ending = 'editor' | 'agent' | Failure;

/**
 * Makes an agent that is elsewhere look like one on stdin and stdout. Whoever is slow slows the other down. Resolves
 * when the editor or the agent has ended in order.
 * @throws Failure when the connection cannot be had, or not be had back
 */
export async function mirror(deps: MirrorDeps): Promise<void> {
  const { dial, editor, clock, note, name } = deps;
  const conversation = createConversation();
  const asks = createAsks(clock, name);
  let held: Buffer[] = [];
  let heldBytes = 0;
  const wire: { link: RemoteLink | null } = { link: null };
  const phase = { isOpen: false, isOver: false };
  let over: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => (over = resolve));
  const traffic = createTraffic({
    toAgent(frame, message) {
      if (wire.link?.send(frame, message) === false) editor.pause();
    },
    toEditor(frame) {
      if (!editor.write(frame)) wire.link?.pause();
    },
    isOwn: asks.settle,
    conversation,
    clock,
    note,
    rewriting: deps.rewriting,
    latency: deps.latency,
    roundTripMs: () => wire.link?.roundTripMs() ?? null,
    onInitialize(isAnswered) {
      const late = new Failure('timed_out', `${name} did not answer initialize within 60 seconds`);
      clock.after(INITIALIZE_MS, () => {
        if (!isAnswered()) over(late);
      });
    },
  });

  const first = connect();
  editor.onLine((line) => {
    if (phase.isOpen) traffic.fromEditor(line);
    else hold(line);
  });
  // Whether there is an agent at all is told even to an editor that has gone already.
  editor.onEnd((why) => {
    first.then(() => over(why ?? 'editor'), giveUp);
  });
  editor.onDrain(() => wire.link?.resume());
  void deps.stopped.then(() => over('editor'));
  first.catch(giveUp);

  const ending = await ended;
  phase.isOver = true;
  phase.isOpen = false;
  // Nobody is left to read an answer once the editor has gone.
  if (ending !== 'editor') {
    const reason = ending === 'agent' ? `the agent at ${name} has ended` : ending.message;
    traffic.lost(reason);
    for (const line of held) traffic.refuse(line, reason);
  }
  await Promise.all([wire.link?.close(), Promise.race([editor.flush(), pause(FLUSH_MS)])]);
  if (ending instanceof Failure) throw ending;

  function hold(line: Buffer): void {
    held.push(line);
    heldBytes += line.length;
    if (heldBytes > HOLD_BYTES) editor.pause();
  }

  function release(): void {
    phase.isOpen = true;
    const lines = held;
    [held, heldBytes] = [[], 0];
    editor.resume();
    for (const line of lines) traffic.fromEditor(line);
  }

  async function connect(): Promise<void> {
    const next = await dial({
      onFrame(frame) {
        if (!phase.isOver) traffic.fromAgent(frame);
      },
      onDrain() {
        if (phase.isOpen) editor.resume();
      },
      onEnd(end) {
        if (!phase.isOver) disconnected(end);
      },
    });
    wire.link = next;
    if (phase.isOver) {
      await next.close();
      return;
    }
    if (conversation.initialize !== null) {
      const { hush, gone } = traffic;
      const ask = (method: string, params: Readonly<Record<string, unknown>>, ms: number) =>
        asks.ask(wire.link, method, params, ms);
      await restore({ ask, conversation, hush, gone, note });
    }
    release();
  }

  function disconnected({ kind, failure }: LinkEnd): void {
    const wasOpen = phase.isOpen;
    wire.link = null;
    phase.isOpen = false;
    // An attempt that breaks off fails where it waits for an answer.
    asks.fail(failure);
    if (!wasOpen) return;
    traffic.lost(failure.message);
    if (kind === 'done') over('agent');
    else if (kind === 'refused' || deps.reconnectMs === 0 || !conversation.canBeRenewed()) over(failure);
    else reconnect(failure).catch(giveUp);
  }

  async function reconnect(reason: Failure): Promise<void> {
    const deadline = clock.monotonic() + deps.reconnectMs;
    note(`${reason.message}; trying again`);
    let last = reason;
    for (let attempt = 0; ; attempt += 1) {
      const wait = backoffMs(attempt, deps.chance());
      if (clock.monotonic() + wait > deadline) throw last;
      await pause(wait);
      try {
        if (phase.isOver) return;
        await connect();
        note(`connected to ${name} again`);
        return;
      } catch (error) {
        last = asFailure(error);
        await wire.link?.close();
        wire.link = null;
        if (FINAL.includes(last.code)) throw last;
      }
    }
  }

  function giveUp(error: unknown): void {
    over(asFailure(error));
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => clock.after(ms, resolve));
  }
}
