import { expect, test } from 'vitest';
import type { CallResult, HostClient } from '../../contract/client.ts';
import { createActions } from './actions.ts';

function scripted() {
  const answers: ((result: CallResult<'host.pause'>) => void)[] = [];
  const client = { call: () => new Promise((resolve) => answers.push(resolve)) } as unknown as HostClient;
  const actions = createActions(client);
  return {
    actions,
    answers,
    run: () => actions.run('pause', 'host.pause', {}, { what: 'Pause', done: 'Paused.' }),
  };
}

test('what was sent is pending until it is answered, and then it is said', async () => {
  const { actions, answers, run } = scripted();
  const result = run();
  expect(actions.store.getState().pending.has('pause')).toBe(true);
  answers[0]!({ ok: true, value: {} });
  await result;
  expect(actions.store.getState()).toMatchObject({ notices: [{ outcome: 'done', text: 'Paused.' }] });
  expect(actions.store.getState().pending.size).toBe(0);
});

test('the same action is not sent twice while it is on its way', async () => {
  const { answers, run } = scripted();
  void run();
  expect(await run()).toBeNull();
  expect(answers).toHaveLength(1);
});

test('a refusal says why; a lost connection says that the outcome is unknown', async () => {
  const { actions, answers, run } = scripted();
  const refused = run();
  answers[0]!({ ok: false, error: { code: 'refused', message: 'the host is locked down' } });
  await refused;
  expect(actions.store.getState().notices).toMatchObject([
    { outcome: 'failed', detail: 'the host is locked down' },
  ]);
  const lost = run();
  answers[1]!({ ok: false, error: { code: 'unavailable', message: 'the connection to the host was lost' } });
  await lost;
  expect(actions.store.getState().notices).toMatchObject([{ outcome: 'unknown' }]);
});

test('a refusal is forgotten when the same is tried again, an unknown outcome is not', async () => {
  const { actions, answers, run } = scripted();
  const lost = run();
  answers[0]!({ ok: false, error: { code: 'unavailable', message: 'the connection to the host was lost' } });
  await lost;
  actions.say('failed', 'Something else', 'for another reason');
  const refused = run();
  answers[1]!({ ok: false, error: { code: 'refused', message: 'no' } });
  await refused;
  const again = run();
  const left = actions.store.getState().notices.map(({ outcome, text }) => `${outcome} ${text}`);
  expect(left).toEqual(['unknown Pause', 'failed Something else']);
  answers[2]!({ ok: true, value: {} });
  await again;
});
