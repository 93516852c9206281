// For tests: a host and what waits on it, as the screens see them.
import { NO_NEED } from '../../contract/policy.ts';
import type { ProcessView } from '../host/process-views.ts';
import type { AgentView, SessionView, TaskView } from '../host/task-views.ts';
import type { ApprovalView, HostView } from '../host/views.ts';

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

export const task: TaskView = {
  ...{ id: 's1', hostId: 'h1', hostName: 'studio-mac', agent: 'codex', folderId: 'f1', folder: 'site' },
  ...{ title: 'Fix the build', text: 'Fix the build', mode: 'ask', status: 'working', position: null },
  ...{ delivery: 'running', createdAt: start - 60_000, startedAt: start - 50_000, endedAt: null },
  ...{ changedAt: start, agentSeenAt: start, sessionId: 'c1', continues: null, retryOf: null },
  ...{ budget: {}, usage: null, toolCalls: 0, droppedBytes: 0, steered: 0, approvals: [], changedFiles: [] },
};

export const session: SessionView = {
  ...{ id: 'c1', hostId: 'h1', hostName: 'studio-mac', agent: 'codex', folderId: 'f1', folder: 'site' },
  ...{
    origin: 'task',
    title: 'Fix the build',
    state: 'ended',
    taskId: 's1',
    modes: null,
    options: [],
    usage: null,
  },
  changedAt: start - 60_000,
};

export const agent: AgentView = {
  ...{ id: 'codex', hostId: 'h1', name: 'Codex', state: 'available', version: '1.2.3' },
  ...{ login: 'yes', loginNote: '~/.codex/auth.json' },
};

export const process: ProcessView = {
  ...{ id: 'web', name: 'web', state: 'failed', detail: 'exit code 1', restarts: 2, port: 3000 },
  ...{ startedAt: null, retryAt: null, endedAt: start - 60_000, folder: '/src/site', argv: ['npm', 'start'] },
  ...{ crashLoop: false, adopted: false, logsLost: 0 },
};

export const host: HostView = {
  id: 'h1',
  name: 'studio-mac',
  link: { kind: 'online' },
  scopes: ['view', 'submit', 'approve', 'manage'],
  approvals: [approval],
  tasks: [task],
  sessions: [session],
  processes: [process],
  tunnel: { state: 'open', address: 'https://x.example', closesAt: start + 60_000 },
  doors: { bridge: true, remote: null },
  bashMode: 'safe',
  mode: 'running',
  waiting: 0,
  witness: { kind: 'none' },
  folders: [{ id: 'f1', name: 'site' }],
  agents: [agent],
};
