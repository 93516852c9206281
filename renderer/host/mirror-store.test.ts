import { expect, test } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostClient } from '../../contract/client.ts';
import golden from '../../contract/fixtures/frames.json' with { type: 'json' };
import { StreamFrame, type Cursor } from '../../contract/stream.ts';
import type { LinkState } from './link.ts';
import { createMirrorStore } from './mirror-store.ts';

function scripted() {
  const subscriptions: (Cursor | null)[] = [];
  let onFrame: (frame: StreamFrame) => void = () => {};
  let say: (state: LinkState) => void = () => {};
  let clock = 1000;
  const client = {
    subscribe(from: Cursor | null, listener: (frame: StreamFrame) => void) {
      subscriptions.push(from);
      onFrame = listener;
      return () => {};
    },
  } as HostClient;
  const store = createMirrorStore(
    {
      client,
      retry: () => {},
      watch: (listener) => {
        say = listener;
        return () => {};
      },
    },
    () => clock,
  );
  return {
    store,
    subscriptions,
    frame: (frame: StreamFrame) => onFrame(frame),
    link: (state: LinkState) => say(state),
    tick: () => (clock += 1000),
  };
}

const cursor = (seq: number, epoch = 'e') => ({ epoch, seq });
const snapshot = (seq: number, epoch = 'e'): StreamFrame => ({
  kind: 'snapshot',
  cursor: cursor(seq, epoch),
  state: emptyHostState,
});
const named = (seq: number, name: string): StreamFrame => ({
  kind: 'event',
  cursor: cursor(seq),
  event: { type: 'host.changed', host: { ...emptyHostState.host, name } },
});

test('nothing is known before the first snapshot', () => {
  const { store, link, frame } = scripted();
  link({ kind: 'online' });
  expect(store.getState()).toMatchObject({ known: false, heardAt: null });
  frame(snapshot(0));
  expect(store.getState()).toMatchObject({ known: true, heardAt: 1000 });
});

test('after a lost connection it asks for what it missed, and keeps the last state meanwhile', () => {
  const { store, link, frame, subscriptions, tick } = scripted();
  link({ kind: 'online' });
  frame(snapshot(4));
  frame(named(5, 'studio'));
  tick();
  link({ kind: 'offline', reason: 'lost' });
  expect(store.getState()).toMatchObject({ link: { kind: 'offline' }, heardAt: 2000 });
  expect(store.getState().state.host.name).toBe('studio');
  link({ kind: 'online' });
  expect(subscriptions).toEqual([null, cursor(5)]);
  frame(named(6, 'renamed'));
  expect(store.getState().state.host.name).toBe('renamed');
});

test('a gap makes it ask for everything again instead of guessing', () => {
  const { store, link, frame, subscriptions } = scripted();
  link({ kind: 'online' });
  frame(snapshot(1));
  frame(named(3, 'skipped'));
  expect(store.getState().state.host.name).toBe('');
  expect(subscriptions).toEqual([null, null]);
  frame(snapshot(3));
  frame(named(4, 'whole'));
  expect(store.getState().state.host.name).toBe('whole');
});

test('a host that was started anew (another epoch) is read anew', () => {
  const { link, frame, subscriptions } = scripted();
  link({ kind: 'online' });
  frame(snapshot(9));
  frame({ kind: 'hidden', cursor: cursor(1, 'f') });
  expect(subscriptions).toEqual([null, null]);
});

test('the golden frames lead the dashboard to the golden state', () => {
  const { store, link, frame } = scripted();
  link({ kind: 'online' });
  for (const one of golden.frames) frame(StreamFrame.parse(one));
  expect(store.getState().state).toEqual(golden.expected.state);
});
