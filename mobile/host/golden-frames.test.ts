import actions from '../../contract/fixtures/actions.json';
import frames from '../../contract/fixtures/frames.json';
import { Action, actionHash } from '../../contract/action.ts';
import { emptyMirror, foldFrame } from '../../contract/mirror.ts';
import type { Mirror } from '../../contract/mirror.ts';
import { StreamFrame } from '../../contract/stream.ts';

test('the golden frames lead the phone to the golden state', () => {
  let mirror: Mirror = emptyMirror;
  for (const frame of frames.frames) {
    const next = foldFrame(mirror, StreamFrame.parse(frame));
    if (next === null) throw new Error('a gap');
    mirror = next;
  }
  expect(mirror).toEqual(frames.expected);
});

test.each(actions)('the phone hashes a known action as the host does ($hash)', ({ action, hash }) => {
  expect(actionHash(Action.parse(action))).toBe(hash);
});
