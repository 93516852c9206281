// For tests: a host and what waits on it, as the screens see them.
import { NO_NEED } from '../../contract/policy.ts';
import type { ApprovalView, HostView, SessionView } from '../host/views.ts';

export const start = 1_800_000_000_000;

export const approval: ApprovalView = {
  id: 'a1',
  hostId: 'h1',
  hostName: 'studio-mac',
  agent: 'codex',
  title: 'Run npm test',
  kind: 'exec',
  risk: 'low',
  argv: ['npm', 'test', '--', 'a b'],
  why: ['rule ask-exec'],
  sandbox: 'ws',
  net: [],
  writes: [],
  warnings: [],
  need: NO_NEED,
  votes: { yes: 0, yours: false },
  askers: 1,
  mustOpen: false,
  scopes: ['once'],
  actionHash: '9f2c11aa0000beef0123456789abcdef',
  genuine: true,
  askedAt: start - 1000,
  expiresAt: start + 90_000,
};

export const session: SessionView = {
  ...{ id: 's1', hostId: 'h1', hostName: 'studio-mac', agent: 'codex', title: 'Fix the build' },
  ...{ status: 'working', changedAt: start, sessionId: 'c1', changedFiles: [] },
};

export const host: HostView = {
  id: 'h1',
  name: 'studio-mac',
  link: { kind: 'online' },
  scopes: ['view', 'submit', 'approve', 'manage'],
  approvals: [approval],
  sessions: [session],
  processes: [{ id: 'p1', name: 'web', state: 'failed', detail: 'exit code 1' }],
  tunnel: { state: 'open', address: 'https://x.example', closesAt: start + 60_000 },
  bashMode: 'safe',
  mode: 'running',
  waiting: 0,
  witness: { kind: 'none' },
  folders: [{ id: 'f1', name: 'site' }],
  agents: [{ id: 'g1', name: 'codex' }],
};
