import { expect, test } from 'vitest';
import { actionHash, type Action } from '../../contract/action.ts';
import type { Approval, ApprovalDetail } from '../../contract/approvals.ts';
import { ApprovalId } from '../../contract/ids.ts';
import { hasHidden } from '../../contract/visible-text.ts';
import { approvalText, needText } from './approval-text.ts';

const action: Action = {
  v: 1,
  id: 'a1',
  kind: 'exec',
  workspaceId: null,
  requester: ['owner:cli', 'task:t1', 'agent:demo'],
  agent: 'demo',
  paths: ['src/іndex.ts'],
  exec: {
    argv: ['git', 'push', 'a\u202Etxt.exe', ''],
    cwd: '.',
    sandbox: 'ws+net',
    binarySha256: null,
    envNames: ['CI'],
    envSha256: null,
    cwdIdentity: null,
  },
  writes: [],
  tool: null,
  net: ['example.com'],
  policySha256: '0'.repeat(64),
};
const approval: Approval = {
  state: 'pending',
  id: ApprovalId.parse('ap1'),
  action,
  actionHash: actionHash(action),
  risk: 3,
  why: ['No rule speaks of this'],
  title: 'Run git push',
  taskId: null,
  need: { approvers: 2, stepUp: 'each', distinctFromRequester: true },
  votes: [{ by: 'device:d1', at: '2026-01-01T00:00:00.000Z' }],
  askers: 3,
  mustOpen: true,
  scopes: ['once'],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:05:00.000Z',
};
const detail: ApprovalDetail = {
  approvalId: approval.id,
  diffs: [{ path: 'a.txt', oldText: 'old\n', newText: 'ne\u200Bw\n', redacted: true, truncated: false }],
  agentSays: 'harmless\u001B[2J\nreally',
};

test('everything that decides is shown, one token a line, and nothing in it can deceive a terminal', () => {
  const text = approvalText(approval, detail);
  expect(text).toContain("\n   0  git\n   1  push\n   2  a⟦U+202E⟧txt.exe\n   3  ''");
  for (const part of [
    'ws+net',
    'example.com',
    'src/іndex.ts',
    '-old',
    '+ne⟦U+200B⟧w',
    'secrets replaced',
    '3 times',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toContain('can be taken for');
  expect(text).toContain('| harmless⟦U+001B⟧[2J\n| really');
  expect(hasHidden(text, '\n\t')).toBe(false);
});

test('what a yes takes is said in words', () => {
  expect(needText(approval)).toContain('1 of 2 approvals so far');
  expect(needText(approval)).toContain('for this very approval');
  expect(needText(approval)).toContain('not from whoever asked');
  expect(needText(approval)).toContain('approvals show');
  const simple = {
    ...approval,
    need: { approvers: 1, stepUp: 'none', distinctFromRequester: false },
    mustOpen: false,
  };
  expect(needText(simple as Approval)).toBe('one yes');
});
