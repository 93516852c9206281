import type {
  ReadTextFileRequest,
  ReadTextFileResponse,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionUpdate,
  WriteTextFileRequest,
} from '@agentclientprotocol/sdk';
import type { Task } from '../../../contract/tasks.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import { insideWorkspace } from '../../acp/agent-paths.ts';
import { lineDiff } from '../../acp/line-diff.ts';
import { readCurrent, type PlannedWrite } from '../../acp/planned-writes.ts';
import type { ActionContext } from '../../acp/tool-action.ts';
import { createToolCalls } from '../../acp/tool-calls.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { Sandbox } from '../../guard/sandbox.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Log } from '../../kernel/ports.ts';
import type { AskHooks } from './ask-leave.ts';
import { createFileRequests } from './file-requests.ts';
import { createLeaves } from './leaves.ts';
import { createPermissions } from './permissions.ts';
import type { Redactor } from './ports.ts';
import type { SessionLog } from './session-log.ts';
import { createTerminals, type Terminals } from './terminals.ts';
import { toolEntry } from './tool-entry.ts';

const MAX_WRITES = 1000;

export interface ConversationHooks extends AskHooks {
  /** The agent works on what it was told. */
  worked(): void;
  /** The agent says something of its session beside the conversation. */
  reported(report: AgentReport): void;
}

export interface ConversationDeps {
  readonly task: Task;
  readonly roots: readonly string[];
  readonly files: Root;
  readonly sandbox: Sandbox;
  readonly redactor: () => Redactor;
  readonly approver: Approver;
  readonly log: Log;
  readonly timeline: SessionLog;
  readonly sanitize: (text: string) => string;
  /** How long a command in a terminal may run. */
  readonly maxMs: number;
  readonly hooks: ConversationHooks;
}

/** A file as it was when the task first wrote it, and as it wrote it last. */
export interface WrittenFile {
  readonly path: string;
  readonly oldText: string | null;
  readonly newText: string;
}

/** The client's side of one conversation: everything an agent may say to us or ask of us. */
export interface Conversation {
  update(update: SessionUpdate): void;
  requestPermission(request: RequestPermissionRequest): Promise<RequestPermissionResponse>;
  readTextFile(request: ReadTextFileRequest): Promise<ReadTextFileResponse>;
  writeTextFile(request: WriteTextFileRequest): Promise<void>;
  readonly terminals: Terminals;
  /** Withdraws what is asked and ends what runs; in this turn nothing is allowed any more. */
  abort(): void;
  /** The turn is over: what is open ends, with a reason if it failed. */
  endTurn(failure: string | null): Promise<void>;
  /** After `endTurn`: from here on the agent may ask again. */
  beginTurn(): void;
  written(): WrittenFile[];
}

export function createConversation(deps: ConversationDeps): Conversation {
  const { task, roots, files, timeline, sanitize, hooks } = deps;
  let turn = new AbortController();
  const calls = createToolCalls();
  const written = new Map<string, WrittenFile>();
  const context: ActionContext = {
    agent: task.agent,
    workspaceId: task.workspaceId,
    requester: [task.submittedBy, `task:${task.id}`, `agent:${task.agent}`],
    ...{ roots, files, sanitize },
  };

  function recordWrite({ path, oldText, newText }: PlannedWrite): void {
    if (written.size < MAX_WRITES || written.has(path))
      written.set(path, {
        path,
        newText,
        oldText: written.has(path) ? (written.get(path)?.oldText ?? null) : oldText,
      });
    timeline.append({ kind: 'file', path, diff: lineDiff(path, oldText, newText) });
  }

  const leaves = createLeaves({
    onDisk: async (path) => (await readCurrent(files, path).catch(() => null))?.sha256 ?? null,
    onFound: recordWrite,
  });
  const shared = { ...deps, context, leaves, signal: () => turn.signal };
  const permissions = createPermissions({ ...shared, calls });
  const fileRequests = createFileRequests({ ...shared, recordWrite });
  const terminals = createTerminals({ ...shared, root: files });

  function relative(path: string): string {
    try {
      return insideWorkspace(roots, path);
    } catch {
      return path;
    }
  }

  /** What is no part of the conversation: settings and usage. True when it was that. */
  function takeReport(update: SessionUpdate): boolean {
    switch (update.sessionUpdate) {
      case 'current_mode_update':
        hooks.reported({ currentModeId: update.currentModeId });
        return true;
      case 'config_option_update':
        hooks.reported({ configOptions: update.configOptions });
        return true;
      case 'session_info_update':
        hooks.reported({ title: update.title });
        return true;
      case 'usage_update':
        hooks.reported({ context: { used: update.used, size: update.size, cost: update.cost } });
        return true;
      default:
        return false;
    }
  }

  function takeTool(
    update: Extract<SessionUpdate, { sessionUpdate: 'tool_call' | 'tool_call_update' }>,
  ): void {
    const before = calls.stateOf(update.toolCallId);
    const call = calls.merge(update);
    if (call.status === before) return;
    const shown = call.content.flatMap((part) =>
      part.type === 'terminal' ? [terminals.textOf(part.terminalId)] : [],
    );
    timeline.append(toolEntry(call, relative, shown));
    if (call.status === 'completed' || call.status === 'failed')
      void leaves.report(call.toolCallId, call.status === 'completed');
  }

  return {
    ...fileRequests,
    terminals,
    requestPermission: (request) => {
      hooks.worked();
      return permissions.request(request);
    },
    update(update) {
      if (takeReport(update)) return;
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          hooks.worked();
          const text = update.content.type === 'text' ? update.content.text : `[${update.content.type}]`;
          const kind = update.sessionUpdate === 'agent_message_chunk' ? 'message' : 'thought';
          timeline.append({ kind, text });
          return;
        }
        case 'plan': {
          hooks.worked();
          const entries = update.entries
            .slice(0, 256)
            .map((entry) => ({ text: entry.content.slice(0, 2048), state: entry.status }));
          timeline.append({ kind: 'plan', entries });
          return;
        }
        case 'tool_call':
        case 'tool_call_update':
          hooks.worked();
          takeTool(update);
          return;
        default:
          // What the person said comes back from some agents, and lists of commands: nothing that a timeline needs.
          return;
      }
    },
    abort: () => turn.abort(),
    async endTurn(failure) {
      turn.abort();
      await terminals.endAll();
      await leaves.closeAll(failure);
      await permissions.settled();
    },
    beginTurn() {
      turn = new AbortController();
    },
    written: () => [...written.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
  };
}
