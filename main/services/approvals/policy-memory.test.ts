import { expect, test } from 'vitest';
import type { Rule } from '../../../contract/policy.ts';
import { openDatabase } from '../../kernel/database.ts';
import { memoryAuditor } from '../../testing/fake-ports.ts';
import { createPolicyMemory } from './policy-memory.ts';

const deny = (id: string): Rule => ({ id, effect: 'deny', when: { kind: ['net'] } });

/** One database, and the host that is started on it again and again. */
function setUp() {
  const db = openDatabase(':memory:');
  const audit = memoryAuditor();
  const raised: string[] = [];
  const start = () => createPolicyMemory({ db, audit, raise: (kind) => void raised.push(kind) });
  return { audit, raised, start };
}

test('rules that were emptied while the host was not looking go on record and to the owner, once', async () => {
  const { audit, raised, start } = setUp();
  await start().check([deny('own.a'), deny('own.b')]);
  expect(audit.entries).toEqual([]);
  await start().check([]);
  expect(raised).toEqual(['policy-changed']);
  expect(audit.entries).toEqual([
    {
      actor: 'unknown',
      type: 'policy.changed-outside',
      object: 'config.yaml',
      facts: expect.objectContaining({ rulesBefore: 2, rulesAfter: 0, gone: 'own.a own.b' }) as unknown,
    },
  ]);
  await start().check([]);
  expect(raised).toHaveLength(1);
});

test('a rule that says something else under its old name is seen as well', async () => {
  const { raised, start } = setUp();
  await start().check([deny('own.a')]);
  await start().check([{ ...deny('own.a'), effect: 'allow' }]);
  expect(raised).toEqual(['policy-changed']);
});

test('what was changed through the door is no alarm, wherever the host fell over it', async () => {
  for (const reached of ['nothing', 'file', 'all']) {
    const { raised, start } = setUp();
    const memory = start();
    await memory.check([deny('own.a')]);
    memory.changing([deny('own.a'), deny('own.b')]);
    if (reached === 'all') memory.changed([deny('own.a'), deny('own.b')]);
    await start().check(reached === 'nothing' ? [deny('own.a')] : [deny('own.a'), deny('own.b')]);
    expect(raised).toEqual([]);
  }
});

test('an alarm that cannot be put on record is raised all the same, and again at the next start', async () => {
  const { audit, raised, start } = setUp();
  await start().check([deny('own.a')]);
  audit.break();
  await expect(start().check([])).rejects.toThrow('disk full');
  await expect(start().check([])).rejects.toThrow('disk full');
  expect(raised).toEqual(['policy-changed', 'policy-changed']);
});
