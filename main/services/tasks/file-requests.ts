import { posix } from 'node:path';
import type {
  ReadTextFileRequest,
  ReadTextFileResponse,
  WriteTextFileRequest,
} from '@agentclientprotocol/sdk';
import { sha256Hex } from '../../../contract/action.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { ActionFacts, Permit } from '../../kernel/approver.ts';
import { insideWorkspace } from '../../acp/agent-paths.ts';
import { askLeave, type AskDeps } from './ask-leave.ts';
import type { Leaves } from './leaves.ts';
import { plannedWrite, readCurrent, type PlannedWrite } from '../../acp/planned-writes.ts';
import { describeWrites, type ActionContext, type DescribedAction } from '../../acp/tool-action.ts';

const MAX_CONTENT = 8 * 1024 * 1024;

export interface FileRequestDeps extends AskDeps {
  readonly context: ActionContext;
  readonly leaves: Leaves;
  readonly recordWrite: (write: PlannedWrite) => void;
}

/** The files that an agent reads and writes through us: path guard first, then leave, then the real thing. */
export function createFileRequests(deps: FileRequestDeps) {
  const { context, task, leaves, recordWrite } = deps;
  const { files, roots } = context;

  function pathOf(given: string): string {
    const path = insideWorkspace(roots, given);
    if (path === '.')
      throw new HostError('invalid_input', 'the path is the workspace itself; name a file in it');
    return files.check(path);
  }

  async function leaveFor(action: Omit<DescribedAction, 'agentSays'>): Promise<Permit> {
    const decision = await askLeave(deps, { ...action, agentSays: '' });
    if (decision.effect === 'allow') return decision;
    throw new HostError('refused', `${action.title}: ${decision.reason}`);
  }

  async function write(planned: PlannedWrite, turn: AbortSignal): Promise<void> {
    if (turn.aborted) throw new HostError('refused', 'the turn is over');
    const parent = posix.dirname(planned.path);
    if (planned.baseSha256 === null && parent !== '.') await files.makeDirectory(parent);
    await files.writeFile(planned.path, Buffer.from(planned.newText), { expectedSha256: planned.baseSha256 });
    recordWrite(planned);
  }

  return {
    async readTextFile({ path, line, limit }: ReadTextFileRequest): Promise<ReadTextFileResponse> {
      const wanted = pathOf(path);
      const facts = readFacts(task, wanted);
      const action = {
        facts,
        title: `${task.agent} wants to read ${wanted}`.slice(0, 256),
        writes: [],
        diffs: [],
      };
      const permit = await leaveFor(action);
      const current = await permit.execute(facts, () => readCurrent(files, wanted));
      if (current === null) throw new HostError('not_found', `${wanted} does not exist`);
      return { content: linesOf(current.text, line ?? null, limit ?? null) };
    },

    async writeTextFile({ path, content }: WriteTextFileRequest): Promise<void> {
      const wanted = pathOf(path);
      if (Buffer.byteLength(content) > MAX_CONTENT)
        throw new HostError('too_large', `${wanted}: at most 8 MiB`);
      const turn = deps.signal();
      const taken = leaves.take(wanted, sha256Hex(content));
      if (taken) {
        try {
          await write(taken.write, turn);
          taken.done();
        } catch (error) {
          taken.failed(error);
          throw error;
        }
        return;
      }
      const plan = async () => plannedWrite(wanted, await readCurrent(files, wanted), content);
      const asked = await plan();
      const permit = await leaveFor(describeWrites(context, [asked]));
      let now = asked;
      const rebuild = async () => {
        now = await plan();
        return describeWrites(context, [now]).facts;
      };
      await permit.execute(rebuild, () => write(now, turn));
    },
  };
}

function readFacts(task: Task, path: string): ActionFacts {
  return {
    kind: 'fs.read',
    workspaceId: task.workspaceId,
    requester: [task.submittedBy, `task:${task.id}`, `agent:${task.agent}`],
    agent: task.agent,
    paths: [path],
    exec: null,
    writes: [],
    tool: null,
    net: [],
  };
}

/** `limit` lines from line `line` on, counted from 1, as ACP has it. */
function linesOf(text: string, line: number | null, limit: number | null): string {
  if (line === null && limit === null) return text;
  const start = Math.max(0, (line ?? 1) - 1);
  return text
    .split('\n')
    .slice(start, limit === null ? undefined : start + limit)
    .join('\n');
}
