import { expect, test } from 'vitest';
import { withKey } from './with-key.ts';

const wantsLogin = Object.assign(new Error('log in'), { code: -32_000 });
const offered = [{ id: 'openai-api-key' }];

/** Answers from the list, one a call; errors are thrown. */
function agent(...answers: unknown[]) {
  const told: string[] = [];
  const ask = () => {
    const next = answers.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const use = (variable: string | null) =>
    withKey(ask, {
      variable: () => Promise.resolve(variable),
      offered,
      authenticate: (id) => Promise.resolve(told.push(id)),
    });
  return { told, use };
}

test('an agent that answers is told nothing', async () => {
  const { told, use } = agent('fine');
  expect(await use('OPENAI_API_KEY')).toBe('fine');
  expect(told).toEqual([]);
});

test('one that wants a login is told the way of the key, and asked again once', async () => {
  const { told, use } = agent(wantsLogin, 'fine');
  expect(await use('OPENAI_API_KEY')).toBe('fine');
  expect(told).toEqual(['openai-api-key']);
  await expect(agent(wantsLogin, wantsLogin, 'late').use('OPENAI_API_KEY')).rejects.toBe(wantsLogin);
});

test('without a key, without a way for it, and for any other refusal, the refusal stands', async () => {
  await expect(agent(wantsLogin).use(null)).rejects.toBe(wantsLogin);
  await expect(agent(wantsLogin).use('OTHER_KEY')).rejects.toBe(wantsLogin);
  const other = new Error('no');
  const { told, use } = agent(other);
  await expect(use('OPENAI_API_KEY')).rejects.toBe(other);
  expect(told).toEqual([]);
});
