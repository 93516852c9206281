import type { McpServer } from '@agentclientprotocol/sdk';
import { HostError } from '../../../contract/errors.ts';
import type { SessionId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import type { Log } from '../../kernel/ports.ts';
import type { AgentLink, OpenedSession } from './agent-link.ts';
import type { AgentLauncher, HandedBridge, SessionBook } from './ports.ts';
import { readOnlyMode } from './read-only-mode.ts';
import { createUsageMeter, type UsageMeter } from './usage-meter.ts';

export interface OpenSessionDeps {
  readonly agents: AgentLauncher;
  readonly sessions: SessionBook;
  readonly log: Log;
  readonly task: Task;
  readonly workspace: Workspace;
  /** The timeline of the task is that of this session. */
  readonly attach: (id: SessionId) => void;
  readonly reported: (report: AgentReport) => void;
  /** @throws HostError when the task was stopped meanwhile */
  readonly assertWanted: () => void;
  /** What the run has to give back, and by what it counts. */
  readonly taken: (part: { bridge?: HandedBridge | null; meter?: UsageMeter }) => void;
}

/** Greets the agent and opens the session of a task, a new one or the one that it goes on with. */
export async function openSession(deps: OpenSessionDeps, link: AgentLink): Promise<void> {
  const { task, workspace, sessions, reported } = deps;
  // In mode `read` nothing is run, so nothing is promised.
  const facts = await link.initialize({ terminal: task.mode !== 'read' });
  const mcpServers = facts.mcpHttp ? handOver(deps) : [];
  if (task.continues === null) {
    const opened = await link.open({ cwd: workspace.path, mcpServers, again: null });
    const { agent, workspaceId, submittedBy } = task;
    const { agentSessionId, modes, configOptions } = opened;
    const session = await sessions.open({
      ...{ agent, agentSessionId, workspaceId, taskId: task.id, startedBy: submittedBy },
      title: task.text.split('\n', 1)[0] ?? '',
      report: { modes, configOptions },
    });
    deps.attach(session.id);
    await quieten(deps, link, opened);
    return;
  }
  const how = facts.resume ? 'resume' : facts.load ? 'load' : null;
  if (how === null)
    throw new HostError('unavailable', `the agent ${task.agent} cannot go on with an earlier session`);
  const found = await sessions.sessionFor(task.continues);
  const ours = await sessions.reopen(task.continues, { taskId: task.id });
  deps.taken({ meter: createUsageMeter({ cost: ours.usage?.cost ?? null }) });
  deps.attach(ours.id);
  const again = { agentSessionId: found.session.agentSessionId, how } as const;
  const opened = await link.open({ cwd: found.cwd, mcpServers, again });
  reported({ modes: opened.modes, configOptions: opened.configOptions });
  await quieten(deps, link, opened);
}

/** The bridge as an MCP server in the terms of ACP, with a token of its own; none where it is not to be had. */
function handOver({ agents, task, assertWanted, taken }: OpenSessionDeps): McpServer[] {
  assertWanted();
  const bridge = agents.bridgeFor({
    agent: task.agent,
    workspaceId: task.workspaceId,
    label: `task ${task.id}`,
    scope: task.mode === 'read' ? 'read' : 'write',
  });
  if (bridge === null) return [];
  taken({ bridge });
  const headers = [{ name: 'Authorization', value: `Bearer ${bridge.token}` }];
  return [{ type: 'http', name: 'signalbox', url: bridge.url, headers }];
}

/** A task that may only read also asks the agent for its own way of only reading; what it does anyway is refused. */
async function quieten(
  { task, log, reported }: OpenSessionDeps,
  link: AgentLink,
  { modes }: OpenedSession,
): Promise<void> {
  const modeId = task.mode === 'read' ? readOnlyMode(modes) : null;
  if (modeId === null) return;
  try {
    await link.setMode(modeId);
    reported({ currentModeId: modeId });
  } catch (error) {
    log.info({ taskId: task.id, error: String(error) }, 'the agent would not take its read-only mode');
  }
}
