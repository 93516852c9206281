import type {
  ReadTextFileRequest,
  ReadTextFileResponse,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionUpdate,
  WriteTextFileRequest,
} from '@agentclientprotocol/sdk';
import type { Task } from '../../../contract/tasks.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Log } from '../../kernel/ports.ts';
import { insideWorkspace } from './agent-paths.ts';
import type { AskHooks } from './ask-leave.ts';
import { createFileRequests } from './file-requests.ts';
import { createLeaves } from './leaves.ts';
import { lineDiff } from './line-diff.ts';
import { createPermissions } from './permissions.ts';
import { readCurrent, type PlannedWrite } from './planned-writes.ts';
import type { WorkspaceFiles } from './ports.ts';
import type { SessionLog } from './session-log.ts';
import type { ActionContext } from './tool-action.ts';
import { createToolCalls, toolEntry } from './tool-calls.ts';

export interface ConversationDeps {
  readonly task: Task;
  readonly roots: readonly string[];
  readonly files: WorkspaceFiles;
  readonly approver: Approver;
  readonly log: Log;
  readonly timeline: SessionLog;
  readonly sanitize: (text: string) => string;
  readonly hooks: AskHooks;
}

/** The client's side of one turn: everything an agent may say to us or ask of us. */
export interface Conversation {
  update(update: SessionUpdate): void;
  requestPermission(request: RequestPermissionRequest): Promise<RequestPermissionResponse>;
  readTextFile(request: ReadTextFileRequest): Promise<ReadTextFileResponse>;
  writeTextFile(request: WriteTextFileRequest): Promise<void>;
  /** Withdraws what is asked; from here on nothing is allowed any more. */
  abort(): void;
  /** The turn is over: what is open ends, with a reason if it failed. */
  close(failure: string | null): Promise<void>;
  changedFiles(): string[];
}

export function createConversation(deps: ConversationDeps): Conversation {
  const { task, roots, files, approver, log, timeline, sanitize, hooks } = deps;
  const ended = new AbortController();
  const calls = createToolCalls();
  const changed = new Set<string>();
  const context: ActionContext = { task, roots, files, sanitize };

  function recordWrite(write: PlannedWrite): void {
    changed.add(write.path);
    timeline.append({
      kind: 'file',
      path: write.path,
      diff: lineDiff(write.path, write.oldText, write.newText),
    });
  }

  const leaves = createLeaves({
    onDisk: async (path) => (await readCurrent(files, path).catch(() => null))?.sha256 ?? null,
    onFound: recordWrite,
  });
  const shared = { context, task, approver, timeline, hooks, signal: ended.signal };
  const permissions = createPermissions({ ...shared, calls, leaves, log });
  const fileRequests = createFileRequests({ ...shared, leaves, recordWrite });

  function relative(path: string): string {
    try {
      return insideWorkspace(roots, path);
    } catch {
      return path;
    }
  }

  return {
    ...fileRequests,
    requestPermission: permissions.request,
    update(update) {
      switch (update.sessionUpdate) {
        case 'agent_message_chunk':
        case 'agent_thought_chunk': {
          const text = update.content.type === 'text' ? update.content.text : `[${update.content.type}]`;
          timeline.append({
            kind: update.sessionUpdate === 'agent_message_chunk' ? 'message' : 'thought',
            text,
          });
          return;
        }
        case 'plan':
          timeline.append({
            kind: 'plan',
            entries: update.entries
              .slice(0, 256)
              .map((entry) => ({ text: entry.content.slice(0, 2048), state: entry.status })),
          });
          return;
        case 'tool_call':
        case 'tool_call_update': {
          const before = calls.stateOf(update.toolCallId);
          const call = calls.merge(update);
          if (call.status === before) return;
          timeline.append(toolEntry(call, relative));
          if (call.status === 'completed' || call.status === 'failed') {
            void leaves.report(call.toolCallId, call.status === 'completed');
          }
          return;
        }
        default:
          // Settings, usage and notices of the agent: nothing that a timeline needs.
          return;
      }
    },
    abort: () => ended.abort(),
    async close(failure) {
      ended.abort();
      await leaves.closeAll(failure);
      await permissions.settled();
    },
    changedFiles: () => [...changed].sort(),
  };
}
