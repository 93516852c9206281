import { expect, test } from 'vitest';
import { killedWhileWriting } from '../../testing/json-file-crash.ts';

test('a program that is killed 400 times while it writes leaves the old file or the new one, whole', async () => {
  const rounds = 400;
  const whole = await killedWhileWriting(rounds);
  process.stdout.write(`settings of an agent, killed while written: ${whole} of ${rounds} whole\n`);
  expect(whole).toBe(rounds);
});
