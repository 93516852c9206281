import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Action, actionHash, approvalBytes, ApprovalStatement, sha256Hex } from './action.ts';

const golden = JSON.parse(readFileSync(new URL('./fixtures/actions.json', import.meta.url), 'utf8')) as {
  action: unknown;
  hash: string;
}[];
const action = Action.parse(golden[0]?.action);

test.each(golden)('the hash of a known action never changes ($hash)', ({ action: known, hash }) => {
  expect(actionHash(Action.parse(known))).toBe(hash);
});

test('every fact of an action is under its hash', () => {
  const changed: Partial<Action>[] = [
    { id: 'other' },
    { kind: 'fs.delete' },
    { workspaceId: null },
    { requester: ['owner'] },
    { agent: null },
    { paths: [] },
    { writes: [] },
    { policySha256: sha256Hex('other') },
    { tool: { name: 'x', inputSha256: sha256Hex('') } },
    {
      exec: {
        argv: ['ls'],
        cwd: '.',
        sandbox: 'ro',
        binarySha256: null,
        envNames: [],
        envSha256: null,
        cwdIdentity: null,
      },
    },
    { net: ['example.com'] },
  ];
  const hashes = [action, ...changed.map((change) => ({ ...action, ...change }))].map(actionHash);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('an action with a field that nobody knows is refused', () => {
  expect(Action.safeParse({ ...action, extra: true }).success).toBe(false);
  expect(Action.safeParse({ ...action, v: 2 }).success).toBe(false);
  expect(Action.safeParse({ ...action, kind: 'fs.format' }).success).toBe(false);
});

test('what a device signs names approval, action, decision, scope and counter', () => {
  const statement = ApprovalStatement.parse({
    approvalId: 'a1',
    actionHash: actionHash(action),
    decision: 'allow',
    scope: 'once',
    counter: 1,
  });
  expect(new TextDecoder().decode(approvalBytes(statement))).toBe(
    `signalbox/approval/v1\n{"actionHash":"${statement.actionHash}","approvalId":"a1","counter":1,"decision":"allow","scope":"once"}`,
  );
});
