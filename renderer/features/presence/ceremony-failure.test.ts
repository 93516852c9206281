import { expect, test } from 'vitest';
import { ceremonyFailure } from './ceremony-failure.ts';

const named = (name: string) => Object.assign(new Error('See: https://www.w3.org/TR/webauthn-2/'), { name });

test.each(['NotAllowedError', 'AbortError', 'InvalidStateError'])(
  'what a browser calls %s is told in plain words',
  (name) => {
    expect(ceremonyFailure(named(name))).not.toContain('w3.org');
  },
);

test('anything else is told as it came', () => {
  expect(ceremonyFailure(new Error('no such algorithm'))).toBe('no such algorithm');
  expect(ceremonyFailure('odd')).toBe('odd');
});
