import type { Bytes } from './bytes.ts';
import type { FramePipe } from './frame-pipe.ts';

/** In-memory pipes and clocks for tests of everything that runs over a channel. */
export type Direction = 'to-right' | 'to-left';

/** What the network does with a frame: pass it on, drop it (`[]`), alter it, double it. */
export type Relay = (frame: Bytes, direction: Direction, index: number) => readonly Uint8Array[];

export interface FakePipe extends FramePipe {
  /** Every frame that this side sent, in order, as it left. */
  readonly sent: readonly Bytes[];
  /** The code with which this side saw the pipe end, or undefined while it is open. */
  endCode(): number | undefined;
  /** Puts a frame into this side's hands as if the network had delivered it. */
  inject(frame: Uint8Array): void;
}

export interface PipePair {
  readonly left: FakePipe;
  readonly right: FakePipe;
  /** The network goes away (code 1006). */
  cut(): void;
}

/** Two ends of one connection. Delivery is in order and asynchronous, one frame per microtask turn. */
export function createPipePair(relay: Relay = (frame) => [frame]): PipePair {
  const left = createEnd((frame, index) => {
    for (const altered of relay(frame, 'to-right', index)) right.inject(altered);
  });
  const right = createEnd((frame, index) => {
    for (const altered of relay(frame, 'to-left', index)) left.inject(altered);
  });
  const closeBoth = (code: number): void => {
    left.finish(code);
    right.finish(code);
  };
  left.onLocalClose(closeBoth);
  right.onLocalClose(closeBoth);
  return {
    left,
    right,
    cut: () => {
      closeBoth(1006);
    },
  };
}

function createEnd(forward: (frame: Bytes, index: number) => void) {
  const sent: Bytes[] = [];
  let onMessage: (frame: Uint8Array) => void = () => undefined;
  let onClose: (code?: number) => void = () => undefined;
  let localClose: (code: number) => void = () => undefined;
  let ended: number | undefined;
  let tail = Promise.resolve();
  const later = (run: () => void): void => {
    tail = tail.then(run);
  };
  return {
    sent,
    endCode: () => ended,
    inject(frame: Uint8Array) {
      const copy = Uint8Array.from(frame);
      later(() => {
        if (ended === undefined) onMessage(copy);
      });
    },
    send(frame: Bytes) {
      if (ended !== undefined) return;
      sent.push(frame.slice());
      forward(frame.slice(), sent.length - 1);
    },
    close(code = 1000) {
      localClose(code);
    },
    onMessage(handler: (frame: Uint8Array) => void) {
      onMessage = handler;
    },
    onClose(handler: (code?: number) => void) {
      onClose = handler;
    },
    onLocalClose(handler: (code: number) => void) {
      localClose = handler;
    },
    finish(code: number) {
      // frames already on their way still arrive, as on a real socket
      later(() => {
        if (ended !== undefined) return;
        ended = code;
        onClose(code);
      });
    },
  };
}

/** A clock that moves only when told to. */
export interface FakeSchedule {
  readonly schedule: (delay: number, run: () => void) => () => void;
  /** Moves time on and runs what falls due, in order. */
  advance(milliseconds: number): void;
  /** Jobs not yet run or called off, as milliseconds from now. */
  pending(): number[];
}

export function createFakeSchedule(): FakeSchedule {
  let now = 0;
  let jobs: { readonly due: number; readonly run: () => void }[] = [];
  return {
    schedule(delay, run) {
      const job = { due: now + delay, run };
      jobs.push(job);
      return () => {
        jobs = jobs.filter((other) => other !== job);
      };
    },
    advance(milliseconds) {
      now += milliseconds;
      const due = jobs.filter((job) => job.due <= now).sort((a, b) => a.due - b.due);
      jobs = jobs.filter((job) => job.due > now);
      for (const job of due) job.run();
    },
    pending: () => jobs.map((job) => job.due - now),
  };
}
