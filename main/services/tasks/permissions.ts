import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { HostError } from '../../../contract/errors.ts';
import type { Permit } from '../../kernel/approver.ts';
import type { Log } from '../../kernel/ports.ts';
import { askLeave, type AskDeps } from './ask-leave.ts';
import type { Leaves } from './leaves.ts';
import { allowOnce, cancelled, reject } from '../../acp/permission-option.ts';
import { describeOptions } from './offered-options.ts';
import type { PlannedWrite } from '../../acp/planned-writes.ts';
import { describeToolCall, type ActionContext, type ToolCallFacts } from '../../acp/tool-action.ts';
import type { ToolCalls } from '../../acp/tool-calls.ts';

const MAX_AGENT_SAYS = 8192;

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
  const { context, task, timeline, calls, leaves, log } = deps;
  const executions = new Set<Promise<unknown>>();

  async function decide(
    request: RequestPermissionRequest,
    call: ToolCallFacts,
    turn: AbortSignal,
  ): Promise<RequestPermissionResponse> {
    const allowed = allowOnce(request.options);
    if (allowed === null)
      throw new HostError('refused', 'the agent offers no leave for once, only standing leave');
    const described = await describeToolCall(context, call);
    const offered = context.sanitize(describeOptions(request.options));
    const agentSays = [described.agentSays, offered].filter((text) => text !== '').join('\n\n');
    const decision = await askLeave(deps, { ...described, agentSays: agentSays.slice(0, MAX_AGENT_SAYS) });
    if (decision.effect === 'deny') return turn.aborted ? cancelled : reject(request.options);
    await begin(decision, call, turn);
    return allowed;
  }

  /** Compares with the world as it is now, and leaves the permit in use until the tool call is over. */
  async function begin(permit: Permit, call: ToolCallFacts, turn: AbortSignal): Promise<void> {
    if (turn.aborted) throw new HostError('refused', 'the turn is over');
    let writes: readonly PlannedWrite[] = [];
    const rebuild = async () => {
      const now = await describeToolCall(context, call);
      if (turn.aborted) throw new HostError('refused', 'the turn is over');
      writes = now.writes;
      return now.facts;
    };
    const begun = new Promise<void>((resolve, reject) => {
      const execution = permit.execute(rebuild, () => {
        // Looked at again: nobody would ever end what is opened after the turn is over.
        if (turn.aborted) return Promise.reject(new HostError('refused', 'the turn is over'));
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

  return {
    async request(request: RequestPermissionRequest): Promise<RequestPermissionResponse> {
      const turn = deps.signal();
      const isOver = (): boolean => turn.aborted;
      if (isOver()) return cancelled;
      const call = calls.merge({ ...request.toolCall, status: null });
      try {
        return await decide(request, call, turn);
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
