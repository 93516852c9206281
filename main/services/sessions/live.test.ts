import { expect, test } from 'vitest';
import { ownerCaller } from '../../kernel/caller.ts';
import { sessionsBench as bench } from '../../testing/sessions-bench.ts';

const owner = ownerCaller('cli');

const modes = {
  currentModeId: 'ask',
  availableModes: [
    { id: 'ask', name: 'Ask' },
    { id: 'code', name: 'Code', description: 'may write' },
  ],
};
const configOptions = [
  {
    id: 'model',
    name: 'Model',
    type: 'select',
    currentValue: 'small',
    options: [
      { value: 'small', name: 'Small' },
      { value: 'big', name: 'Big' },
    ],
  },
  { id: 'fast', name: 'Fast', type: 'boolean', currentValue: false },
  { id: 'x'.repeat(300), name: 'too long to be handed back', type: 'boolean', currentValue: true },
  {
    id: 'group',
    name: 'Grouped',
    type: 'select',
    currentValue: 'a',
    options: [{ group: 'g', name: 'First', options: [{ value: 'a', name: 'A' }] }],
  },
] as const;

test('a session carries what its agent reports, cut and checked', async () => {
  const { sessions, open } = bench();
  const { id } = await open();
  sessions.report(id, { modes, configOptions: configOptions.map((one) => structuredClone(one) as never) });
  sessions.report(id, { context: { used: 10, size: 1000, cost: { amount: 0.5, currency: 'USD' } } });
  sessions.report(id, { tokens: { inputTokens: 7, totalTokens: -1, outputTokens: 2.5 }, title: '' });
  sessions.report(id, {
    currentModeId: 'code',
    context: { used: 20, size: 1000, cost: { amount: Number.NaN, currency: '$' } },
  });
  expect((await sessions.sessionFor(id)).session).toMatchObject({
    title: 'a title',
    modes: { current: 'code', available: [{ id: 'ask', description: '' }, { id: 'code' }] },
    options: [
      { id: 'model', value: 'small' },
      { id: 'fast' },
      { id: 'group', choices: [{ id: 'a', group: 'First' }] },
    ],
    usage: {
      inputTokens: 7,
      outputTokens: null,
      totalTokens: null,
      contextUsed: 20,
      cost: { amount: 0.5, currency: 'USD' },
    },
  });
  sessions.end(id);
  sessions.report(id, { title: 'late' });
  expect((await sessions.sessionFor(id)).session.title).toBe('a title');
});

test('a mode or an option is set only to what the agent offers, and only while it holds the session', async () => {
  const asked: unknown[] = [];
  let isLive = true;
  const told = (...what: unknown[]) => {
    asked.push(what);
    return Promise.resolve(isLive);
  };
  const live = {
    setMode: (_id: string, mode: string) => told('mode', mode),
    setOption: (_id: string, option: string, value: string | boolean) => told(option, value),
    cancel: () => told('cancel'),
    close: () => told('close'),
  };
  const { sessions, open, call } = bench({ live });
  const { id: sessionId } = await open();
  sessions.report(sessionId, {
    modes,
    configOptions: configOptions.map((one) => structuredClone(one) as never),
  });
  const set = async (modeId: string) => call['sessions.setMode']({ sessionId, modeId }, owner);
  const option = async (optionId: string, value: string | boolean) =>
    call['sessions.setOption']({ sessionId, optionId, value }, owner);

  expect(await set('code')).toMatchObject({ modes: { current: 'code' } });
  await option('model', 'big');
  await option('fast', true);
  await call['sessions.cancel']({ sessionId }, owner);
  await call['sessions.close']({ sessionId }, owner);
  const all = [['mode', 'code'], ['model', 'big'], ['fast', true], ['cancel'], ['close']];
  expect(asked).toEqual(all);

  for (const refused of [
    set('yolo'),
    option('none', 'x'),
    option('model', 'huge'),
    option('model', true),
    option('fast', 'true'),
  ])
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
  expect(asked).toEqual(all);
  isLive = false;
  await expect(set('ask')).rejects.toMatchObject({ code: 'conflict' });
  sessions.end(sessionId);
  await expect(set('ask')).rejects.toMatchObject({ code: 'conflict' });
  await expect(call['sessions.cancel']({ sessionId }, owner)).rejects.toMatchObject({ code: 'conflict' });
});
