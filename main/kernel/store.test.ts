import { expect, test } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import { DeviceId } from '../../contract/ids.ts';
import golden from '../../contract/fixtures/frames.json' with { type: 'json' };
import { StreamFrame, type Cursor } from '../../contract/stream.ts';
import { deviceCaller, mcpCaller, ownerCaller } from './caller.ts';
import { REPLAY } from './replay-log.ts';
import { createHostStore } from './store.ts';
import { viewFor } from './view.ts';

const event = (records: number): HostEvent => ({
  type: 'audit.grown',
  audit: { records, state: 'ok', checkpointAt: null, oldestSeq: 0 },
});
const secret: HostEvent = { type: 'listeners.changed', listeners: emptyHostState.listeners };
const owner = viewFor(ownerCaller('cli'));
const phone = viewFor(deviceCaller(DeviceId.parse('d1'), 'manage'));

function setUp(events = 300) {
  const store = createHostStore({
    initial: emptyHostState,
    epoch: 'e',
    replay: { events: 256, bytes: 1_000_000 },
  });
  for (let i = 1; i <= events; i += 1) store.publish(event(i));
  const frames = (from: Cursor | null, view = owner) => {
    const seen: StreamFrame[] = [];
    store.subscribe(view, from, (frame) => void seen.push(frame))();
    return seen;
  };
  return { store, frames, kinds: (from: Cursor | null) => frames(from).map((frame) => frame.kind) };
}

test('a subscriber that comes back gets what it missed, or an explicit reset, never a silent gap', () => {
  const { kinds } = setUp();
  expect(kinds(null)).toEqual(['snapshot']);
  expect(kinds({ epoch: 'e', seq: 300 })).toEqual([]);
  expect(kinds({ epoch: 'e', seq: 298 })).toEqual(['event', 'event']);
  expect(kinds({ epoch: 'e', seq: 44 })).toHaveLength(256);
  expect(kinds({ epoch: 'e', seq: 43 })).toEqual(['snapshot']);
  expect(kinds({ epoch: 'old', seq: 298 })).toEqual(['snapshot']);
  expect(kinds({ epoch: 'e', seq: 999 })).toEqual(['snapshot']);
});

test('snapshot and subscription are one step: an event that is published while subscribing comes once', () => {
  const { store } = setUp(1);
  const seqs: number[] = [];
  store.subscribe(owner, null, (frame) => {
    seqs.push(frame.cursor.seq);
    if (frame.kind === 'snapshot') queueMicrotask(() => store.publish(event(9)));
  });
  store.publish(event(2));
  expect(seqs).toEqual([1, 2]);
});

test('what a device may not see is counted and not told', () => {
  const { store } = setUp(0);
  const seen: StreamFrame[] = [];
  store.subscribe(phone, null, (frame) => void seen.push(frame));
  store.publish(secret);
  store.publish(event(1));
  expect(seen.map((frame) => frame.kind)).toEqual(['snapshot', 'hidden', 'event']);
  expect(JSON.stringify(seen[1])).not.toContain('listeners');
});

test('a client of tools has no view at all', () => {
  expect(() => viewFor(mcpCaller('t', 'exec', null)).state(emptyHostState)).toThrow();
});

test('the golden frames come out of the store as they went in', () => {
  const events = golden.frames
    .map((frame) => StreamFrame.parse(frame))
    .filter((frame) => frame.kind === 'event');
  const first = StreamFrame.parse(golden.frames[0]);
  if (first.kind !== 'snapshot') throw new Error('the first frame is the snapshot');
  const store = createHostStore({
    initial: first.state,
    epoch: 'e1',
    replay: { events: 64, bytes: 1_000_000 },
  });
  for (const { event: one } of events) store.publish(one);
  expect(store.state).toEqual(golden.expected.state);
});

test('what can be told again is bounded by number and by size, whichever comes first', () => {
  const big = (id: number): HostEvent => ({
    type: 'alert.raised',
    alert: {
      ...{ id: String(id), kind: 'state-repaired', severity: 'info', message: 'ü'.repeat(50_000) },
      raisedAt: '2026-01-01T00:00:00.000Z',
    },
  });
  const after = (store: ReturnType<typeof createHostStore>, seq: number) => {
    const kinds: string[] = [];
    store.subscribe(owner, { epoch: 'e', seq }, (frame) => kinds.push(frame.kind))();
    return kinds;
  };
  const heavy = createHostStore({ initial: emptyHostState, epoch: 'e', replay: REPLAY });
  for (let i = 1; i <= 400; i += 1) heavy.publish(big(i));
  // 16 MiB hold 167 events of a little over 100,000 bytes.
  expect(after(heavy, 400 - 167)).toHaveLength(167);
  expect(after(heavy, 400 - 168)).toEqual(['snapshot']);
  const many = createHostStore({ initial: emptyHostState, epoch: 'e', replay: REPLAY });
  for (let i = 1; i <= 25_000; i += 1) many.publish(event(i));
  expect(after(many, 15_000)).toHaveLength(10_000);
  expect(after(many, 14_999)).toEqual(['snapshot']);
});
