import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { HostError } from '../../../contract/errors.ts';
import type { Permit } from '../../kernel/approver.ts';
import type { Log } from '../../kernel/ports.ts';
import { askLeave, type AskDeps } from './ask-leave.ts';
import type { Leaves } from './leaves.ts';
import { allowOnce, cancelled, reject } from './permission-option.ts';
import type { PlannedWrite } from './planned-writes.ts';
import { describeToolCall, type ActionContext, type ToolCallFacts } from './tool-action.ts';
import type { ToolCalls } from './tool-calls.ts';

export interface PermissionDeps extends AskDeps {
  readonly context: ActionContext;
  readonly calls: ToolCalls;
  readonly leaves: Leaves;
  readonly log: Log;
}

/**
 * An agent asks for leave: the request becomes an action in the host's terms, the approver decides, and the answer is
 * mapped back to one of the agent's options. Leave is held open until the agent reports what became of it.
 */
export function createPermissions(deps: PermissionDeps) {
  const { context, task, timeline, signal, calls, leaves, log } = deps;
  const executions = new Set<Promise<unknown>>();

  async function decide(
    request: RequestPermissionRequest,
    call: ToolCallFacts,
  ): Promise<RequestPermissionResponse> {
    const allowed = allowOnce(request.options);
    if (allowed === null)
      throw new HostError('refused', 'the agent offers no leave for once, only standing leave');
    const decision = await askLeave(deps, await describeToolCall(context, call));
    if (decision.effect === 'deny') return signal.aborted ? cancelled : reject(request.options);
    await begin(decision, call);
    return allowed;
  }

  /** Compares with the world as it is now, and leaves the permit in use until the tool call is over. */
  async function begin(permit: Permit, call: ToolCallFacts): Promise<void> {
    if (signal.aborted) throw new HostError('refused', 'the turn is over');
    let writes: readonly PlannedWrite[] = [];
    const rebuild = async () => {
      const now = await describeToolCall(context, call);
      if (signal.aborted) throw new HostError('refused', 'the turn is over');
      writes = now.writes;
      return now.facts;
    };
    const begun = new Promise<void>((resolve, reject) => {
      const execution = permit.execute(rebuild, () => {
        const over = leaves.open(call.toolCallId, writes);
        resolve();
        return over;
      });
      executions.add(execution);
      const forget = () => void executions.delete(execution);
      execution.then(forget, (error: unknown) => {
        forget();
        log.warn(
          { taskId: task.id, action: call.kind, error: String(error) },
          'what was allowed did not succeed',
        );
        // Has an effect only if it never began: it was stale.
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
    await begun;
  }

  /** Asked after an await: the turn may have ended meanwhile. */
  const isOver = (): boolean => signal.aborted;

  return {
    async request(request: RequestPermissionRequest): Promise<RequestPermissionResponse> {
      if (signal.aborted) return cancelled;
      const call = calls.merge({ ...request.toolCall, status: null });
      try {
        return await decide(request, call);
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        const title = `${call.title || call.kind} (${error.message})`;
        timeline.append({ kind: 'permission', approvalId: '', title, outcome: 'denied' });
        return isOver() ? cancelled : reject(request.options);
      }
    },
    /** Resolves when every permit that was used is on record. */
    async settled(): Promise<void> {
      await Promise.allSettled([...executions]);
    },
  };
}
