import { actionHash, sha256Hex, type Action } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';

const iso = (ms: number) => new Date(ms).toISOString();

function action(id: string, part: Partial<Action>): Action {
  return {
    v: 1,
    id,
    kind: 'exec',
    workspaceId: 'ws_1' as Action['workspaceId'],
    requester: ['owner', 'task:task_1', 'agent:demo'],
    agent: 'demo',
    paths: [],
    exec: null,
    writes: [],
    tool: null,
    net: [],
    policySha256: sha256Hex('policy'),
    ...part,
  };
}

export function pendingApproval(
  id: string,
  now: number,
  part: Partial<Approval>,
  body: Partial<Action>,
): Approval {
  const whole = action(`act_${id}`, body);
  return {
    id: id as Approval['id'],
    state: 'pending',
    action: whole,
    actionHash: actionHash(whole),
    risk: 2,
    why: ['no rule matches, so you are asked'],
    title: 'Run a command',
    taskId: 'task_1' as Approval['taskId'],
    need: { approvers: 1, stepUp: 'none', distinctFromRequester: false },
    votes: [],
    askers: 1,
    mustOpen: false,
    scopes: ['once', 'session', 'always'],
    createdAt: iso(now - 20_000),
    expiresAt: iso(now + 280_000),
    ...part,
  } as Approval;
}

const exec = (argv: string[], sandbox: 'ws' | 'none'): NonNullable<Action['exec']> => ({
  argv,
  cwd: '/home/mira/orchard',
  sandbox,
  binarySha256: null,
  envNames: ['CI', 'NODE_ENV'],
  envSha256: null,
  cwdIdentity: null,
});

/** Approvals that wait, and some that were answered. */
export function sampleApprovals(now: number): Approval[] {
  return [
    pendingApproval(
      'ap_1',
      now,
      { title: 'Run git push origin main', risk: 3 },
      {
        exec: exec(
          [
            'git',
            'push',
            '--force-with-lease',
            'origin',
            'refs/heads/main:refs/heads/main',
            'a\u202Etxt.exe',
            '',
          ],
          'none',
        ),
        kind: 'git.write',
      },
    ),
    pendingApproval(
      'ap_2',
      now,
      { title: 'Write src/price.ts', risk: 2 },
      {
        kind: 'fs.write',
        paths: ['src/price.ts'],
        writes: [{ path: 'src/price.ts', baseSha256: sha256Hex('a'), newSha256: sha256Hex('b'), bytes: 412 }],
      },
    ),
    pendingApproval(
      'ap_3',
      now,
      { title: 'Run npm install --global left-pad', risk: 4, scopes: ['once'] },
      { exec: exec(['npm', 'install', '--global', 'left-pad'], 'none') },
    ),
    {
      ...pendingApproval(
        'ap_4',
        now,
        { title: 'Run npm test', risk: 1 },
        { exec: exec(['npm', 'test'], 'ws') },
      ),
      state: 'done',
      scope: 'session',
      decidedAt: iso(now - 900_000),
      decidedBy: 'device:dev_1',
      provenBy: null,
    },
    {
      ...pendingApproval(
        'ap_5',
        now,
        { title: 'Delete dist', risk: 3 },
        { kind: 'fs.delete', paths: ['dist'] },
      ),
      state: 'denied',
      decidedAt: iso(now - 1_800_000),
      decidedBy: 'owner',
      provenBy: null,
      reason: 'not now',
    },
  ];
}
