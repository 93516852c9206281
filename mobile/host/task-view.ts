import type { Agent } from '../../contract/agents.ts';
import type { Session } from '../../contract/sessions.ts';
import type { Task } from '../../contract/tasks.ts';
import type { Workspace } from '../../contract/workspaces.ts';
import type { AgentView, SessionView, TaskStatus, TaskView } from './task-views.ts';

/** The host that something was heard of, and the names of its workspaces. */
export interface OfHost {
  readonly hostId: string;
  readonly name: string;
  readonly workspaces: Readonly<Record<string, Workspace>>;
}

const statusOf: Readonly<Record<Task['state'], TaskStatus>> = {
  queued: 'queued',
  running: 'working',
  waiting: 'waiting',
  done: 'done',
  failed: 'failed',
  cancelled: 'stopped',
  interrupted: 'interrupted',
};

const instant = (text: string | null): number | null => (text === null ? null : Date.parse(text));

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0]?.slice(0, 200) ?? '';
}

function timesOf(task: Task) {
  const createdAt = Date.parse(task.createdAt);
  const startedAt = 'startedAt' in task ? Date.parse(task.startedAt) : null;
  const endedAt = 'endedAt' in task ? Date.parse(task.endedAt) : null;
  return { createdAt, startedAt, endedAt, changedAt: endedAt ?? startedAt ?? createdAt };
}

/** What only some states have. */
function ofState(task: Task): Pick<TaskView, 'result' | 'cause' | 'changedFiles'> {
  if (task.state === 'done') {
    return { changedFiles: task.changedFiles, ...(task.summary !== '' && { result: task.summary }) };
  }
  if (task.state !== 'failed') return { changedFiles: [] };
  return { changedFiles: [], cause: task.cause, ...(task.reason !== '' && { result: task.reason }) };
}

export function taskView(task: Task, host: OfHost): TaskView {
  return {
    id: task.id,
    hostId: host.hostId,
    hostName: host.name,
    sessionId: 'sessionId' in task ? task.sessionId : null,
    agent: task.agent,
    folderId: task.workspaceId,
    folder: host.workspaces[task.workspaceId]?.name ?? task.workspaceId,
    mode: task.mode,
    title: firstLine(task.text),
    text: task.text,
    status: statusOf[task.state],
    position: task.state === 'queued' ? task.position : null,
    delivery: task.delivery,
    ...timesOf(task),
    agentSeenAt: 'agentSeenAt' in task ? instant(task.agentSeenAt) : null,
    continues: task.continues,
    retryOf: task.retryOf,
    budget: task.budget,
    usage: task.usage,
    toolCalls: task.output.toolCalls,
    droppedBytes: task.output.droppedBytes,
    steered: task.steered,
    approvals: task.state === 'waiting' ? task.approvals : [],
    ...ofState(task),
  };
}

export function sessionView(session: Session, host: OfHost): SessionView {
  const folder = host.workspaces[session.workspaceId]?.name ?? session.workspaceId;
  return {
    id: session.id,
    hostId: host.hostId,
    hostName: host.name,
    agent: session.agent,
    folderId: session.workspaceId,
    folder: session.folder === '.' ? folder : `${folder}/${session.folder}`,
    origin: session.origin,
    title: session.title,
    state: session.state,
    taskId: session.taskId,
    modes: session.modes,
    options: session.options,
    usage: session.usage,
    changedAt: Date.parse(session.lastActiveAt),
  };
}

export function agentView(agent: Agent, { hostId }: OfHost): AgentView {
  const { login, loginNote, name, state, title, version } = agent;
  return { id: name, hostId, name: title || name, state, version, login, loginNote };
}
