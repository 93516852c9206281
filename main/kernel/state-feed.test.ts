import { expect, test } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import { emptyMirror, foldFrame, type Mirror } from '../../contract/mirror.ts';
import type { StreamFrame } from '../../contract/stream.ts';
import { ownerCaller } from './caller.ts';
import { REPLAY } from './replay-log.ts';
import { createStateFeed, MAX_WAITING, type Backlog } from './state-feed.ts';
import { createHostStore } from './store.ts';
import { viewFor } from './view.ts';

/** A carrier that sends nothing until it is told to. */
function slowCarrier() {
  const frames: StreamFrame[] = [];
  let waiting = 0;
  let waiters: (() => void)[] = [];
  let most = 0;
  const backlog: Backlog = { waiting: () => waiting, drained: (run) => void waiters.push(run) };
  return {
    ...{ frames, backlog },
    most: () => most,
    deliver(frame: StreamFrame) {
      frames.push(frame);
      waiting += JSON.stringify(frame).length;
      most = Math.max(most, waiting);
    },
    catchUp() {
      waiting = 0;
      const due = waiters;
      waiters = [];
      for (const run of due) run();
    },
  };
}

function setUp(initial = emptyHostState) {
  const store = createHostStore({ initial, epoch: 'e', replay: REPLAY });
  const carrier = slowCarrier();
  const view = viewFor(ownerCaller('cli'));
  const feed = createStateFeed(
    (from, onFrame) => store.subscribe(view, from, onFrame),
    carrier.deliver,
    carrier.backlog,
  );
  const raise = (id: number) =>
    store.publish({
      type: 'alert.raised',
      alert: {
        ...{ id: String(id), kind: 'state-repaired', severity: 'info', message: 'x'.repeat(10_000) },
        raisedAt: '2026-01-01T00:00:00.000Z',
      },
    });
  return { store, carrier, feed, raise };
}

test('a peer that does not read costs a bound, then gets one snapshot, and ends up with the same state', () => {
  const { store, carrier, feed, raise } = setUp();
  feed.start(null);
  for (let i = 0; i < 5_000; i += 1) raise(i);
  expect(carrier.most()).toBeLessThan(MAX_WAITING + 200_000);
  const before = carrier.frames.length;
  carrier.catchUp();
  expect(carrier.frames.slice(before).map((frame) => frame.kind)).toEqual(['snapshot']);
  raise(5_000);
  const mirror = carrier.frames.reduce<Mirror>((now, frame) => foldFrame(now, frame) ?? now, emptyMirror);
  expect(mirror.state).toEqual(store.state);
  expect(mirror.cursor?.seq).toBe(5_001);
});

test('a long replay to a slow peer is broken off for a snapshot too', () => {
  const { carrier, feed, raise } = setUp();
  for (let i = 0; i < 500; i += 1) raise(i);
  feed.start({ epoch: 'e', seq: 0 });
  expect(carrier.most()).toBeLessThan(MAX_WAITING + 20_000);
  carrier.catchUp();
  expect(carrier.frames.at(-1)?.kind).toBe('snapshot');
});

test('a short pause is made up for one by one', () => {
  const { carrier, feed, raise } = setUp();
  feed.start(null);
  for (let i = 0; i < 150; i += 1) raise(i);
  const before = carrier.frames.length;
  expect(before).toBeLessThan(151);
  carrier.catchUp();
  expect(new Set(carrier.frames.slice(before).map((frame) => frame.kind))).toEqual(new Set(['event']));
  expect(carrier.frames.map((frame) => frame.cursor.seq)).toEqual(Array.from({ length: 151 }, (_, i) => i));
});

test('a snapshot that is larger than what may wait is sent once, not for ever', () => {
  const name = 'x'.repeat(2 * MAX_WAITING);
  const { carrier, feed, raise } = setUp({ ...emptyHostState, host: { ...emptyHostState.host, name } });
  feed.start(null);
  for (let i = 0; i < 5; i += 1) carrier.catchUp();
  expect(carrier.frames.map((frame) => frame.kind)).toEqual(['snapshot']);
  raise(1);
  expect(carrier.frames.map((frame) => frame.kind)).toEqual(['snapshot', 'event']);
});

test('a feed that was stopped while it paused does not come back', () => {
  const { carrier, feed, raise } = setUp();
  feed.start(null);
  for (let i = 0; i < 500; i += 1) raise(i);
  feed.stop();
  const before = carrier.frames.length;
  carrier.catchUp();
  raise(1);
  expect(carrier.frames).toHaveLength(before);
});
