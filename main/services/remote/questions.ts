import type { RequestPermissionResponse } from '@agentclientprotocol/sdk';
import * as z from 'zod';
import { HostError } from '../../../contract/errors.ts';
import type { RemotePermissions } from '../../../contract/remote.ts';
import { idKey } from '../../acp/envelope.ts';
import { cancelRequest, errorAnswer, parsedMessage, resultAnswer } from '../../acp/json-rpc.ts';
import { allowOnce, cancelled, reject } from '../../acp/permission-option.ts';
import {
  readPermissionRequest,
  readToolCallReport,
  type PermissionQuestion,
} from '../../acp/permission-request.ts';
import { describeToolCall, type ToolCallFacts } from '../../acp/tool-action.ts';
import { createToolCalls, type ToolCalls } from '../../acp/tool-calls.ts';
import type { Approver, PermissionRequest } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Log } from '../../kernel/ports.ts';
import { MAX_QUESTIONS, MAX_SESSIONS } from './limits.ts';
import type { RemoteRules } from './ports.ts';
import { withContext, type ContextDeps } from './question-context.ts';

const ClientAnswer = z.object({
  outcome: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('selected'), optionId: z.string() }),
    z.object({ outcome: z.literal('cancelled') }),
  ]),
});

export interface QuestionDeps {
  readonly context: ContextDeps;
  readonly connectionId: string;
  /**
   * `host`: the client never sees a request for leave. `first`: it may answer as well, and the first answer counts.
   * `client`: it alone answers what policy does not deny.
   */
  permissions(): Promise<RemotePermissions>;
  readonly approver: Approver;
  readonly rules: RemoteRules;
  readonly audit: Auditor;
  readonly log: Log;
  folderOf(sessionId: string): string | null;
  toAgent(line: Buffer): void;
  toClient(line: Buffer, sessionId: string): void;
  /** From now on the client's answer to this request is let through … */
  expectAnswer(rawId: string, sessionId: string): void;
  /** … and from now on it is not. */
  forget(rawId: string): void;
}

interface Open {
  readonly rawId: string;
  readonly sessionId: string;
  readonly options: PermissionQuestion['options'];
  readonly withdrawn: AbortController;
  shownToClient: boolean;
  settled: boolean;
}

export interface Questions {
  /** The agent asks for leave. */
  ask(rawId: string, line: Buffer): void;
  /** The client has answered this request of the agent; its answer goes to the agent as it came. */
  answeredByClient(rawId: string, answer: Buffer): void;
  /** What an agent reports of a tool call before it asks for leave belongs to what is asked. */
  note(line: Buffer): void;
  /** The turn of a session is over, or was cancelled by the client. */
  turnOver(sessionId: string): void;
  /** The agent does not want an answer any more. */
  cancelledByAgent(rawId: string): void;
  /** The connection is over. */
  end(): void;
  open(): number;
}

/**
 * The agent's requests for leave on one connection. The host's policy and its approvers are asked, unless the owner has
 * left the answers to the client alone; what policy denies is denied, whoever might answer.
 */
export function createQuestions(deps: QuestionDeps): Questions {
  const { approver, context, log, rules } = deps;
  const open = new Map<string, Open>();
  const calls = new Map<string, ToolCalls>();

  function callsOf(sessionId: string): ToolCalls {
    let known = calls.get(sessionId);
    if (!known) {
      known = createToolCalls();
      if (calls.size < MAX_SESSIONS) calls.set(sessionId, known);
    }
    return known;
  }

  /** Answers the agent, once; a client that was asked too is told that its answer is not wanted any more. */
  function answer(question: Open, response: RequestPermissionResponse): void {
    if (!settle(question)) return;
    deps.toAgent(resultAnswer(question.rawId, response));
    if (!question.shownToClient) return;
    deps.forget(question.rawId);
    deps.toClient(cancelRequest(question.rawId), question.sessionId);
  }

  /** True for the first who settles it. */
  function settle(question: Open): boolean {
    if (question.settled) return false;
    question.settled = true;
    open.delete(idKey(question.rawId));
    return true;
  }

  function describe(sessionId: string, call: ToolCallFacts) {
    return withContext(context, deps.folderOf(sessionId), (where) => describeToolCall(where, call));
  }

  /** The client may answer from now on. */
  function show(question: Open, line: Buffer): void {
    if (question.settled) return;
    question.shownToClient = true;
    deps.expectAnswer(question.rawId, question.sessionId);
    deps.toClient(line, question.sessionId);
  }

  async function decide(asked: PermissionQuestion, question: Open, line: Buffer): Promise<void> {
    const permissions = await deps.permissions();
    const call = callsOf(asked.sessionId).merge({ ...asked.toolCall, status: null });
    const action = await describe(asked.sessionId, call);
    const request: PermissionRequest = {
      facts: action.facts,
      title: action.title,
      origin: 'acp',
      taskId: null,
      sessionKey: `acp ${deps.connectionId} ${asked.sessionId}`,
      diffs: action.diffs,
      agentSays: action.agentSays,
      signal: question.withdrawn.signal,
    };
    if (permissions === 'client') {
      if ((await rules.forbids(request)) === null) show(question, line);
      else answer(question, reject(asked.options));
      return;
    }
    const allowed = allowOnce(asked.options);
    if (allowed === null)
      throw new HostError('refused', 'the agent offers no leave for once, only standing leave');
    const decision = await approver.decide({
      ...request,
      onAsked() {
        if (permissions === 'first') show(question, line);
      },
    });
    if (question.settled) return;
    if (decision.effect === 'deny') {
      answer(question, question.withdrawn.signal.aborted ? cancelled : reject(asked.options));
      return;
    }
    const rebuild = async () => (await describe(asked.sessionId, call)).facts;
    await decision.execute(rebuild, async () => answer(question, allowed));
  }

  function withdraw(question: Open): void {
    answer(question, cancelled);
    question.withdrawn.abort();
  }

  function refused(sessionId: string, error: unknown): void {
    const reason = error instanceof HostError ? error.message : String(error);
    log.warn({ connection: deps.connectionId, error: reason }, 'an agent asked for what cannot be allowed');
    const facts = { agent: context.agent, session: sessionId.slice(0, 128), code: codeOf(error) };
    void deps.audit
      .append({ actor: context.principal, type: 'acp.permission.refused', object: deps.connectionId, facts })
      .catch(() => {});
  }

  return {
    ask(rawId, line) {
      const asked = readPermissionRequest(parsedMessage(line)?.params);
      if (asked === null) {
        deps.toAgent(errorAnswer(rawId, -32602, 'the host does not understand what leave is asked for'));
        return;
      }
      if (open.size >= MAX_QUESTIONS) {
        deps.toAgent(errorAnswer(rawId, -32000, `${MAX_QUESTIONS} requests for leave wait already`));
        return;
      }
      const question: Open = {
        ...{ rawId, sessionId: asked.sessionId, options: asked.options },
        ...{ withdrawn: new AbortController(), shownToClient: false, settled: false },
      };
      open.set(idKey(rawId), question);
      decide(asked, question, line).catch((error: unknown) => {
        if (!question.settled) refused(asked.sessionId, error);
        answer(question, question.withdrawn.signal.aborted ? cancelled : reject(asked.options));
      });
    },
    answeredByClient(rawId, line) {
      const question = open.get(idKey(rawId));
      if (!question || !settle(question)) return;
      question.withdrawn.abort();
      const choice = choiceOf(line, question.options);
      const facts = { agent: context.agent, session: question.sessionId.slice(0, 128), choice };
      void deps.audit
        .append({
          actor: context.principal,
          type: 'acp.permission.answered',
          object: deps.connectionId,
          facts,
        })
        .catch(() => {});
    },
    note(line) {
      const read = readToolCallReport(parsedMessage(line)?.params);
      if (read === null) return;
      const known = callsOf(read.sessionId);
      const { status, toolCallId } = known.merge(read.report);
      if (status === 'completed' || status === 'failed') known.forget(toolCallId);
    },
    turnOver(sessionId) {
      for (const question of [...open.values()]) if (question.sessionId === sessionId) withdraw(question);
      calls.delete(sessionId);
    },
    cancelledByAgent(rawId) {
      const question = open.get(idKey(rawId));
      if (question) withdraw(question);
    },
    end() {
      for (const question of [...open.values()]) {
        settle(question);
        question.withdrawn.abort();
      }
      calls.clear();
    },
    open: () => open.size,
  };
}

function codeOf(error: unknown): string {
  return error instanceof HostError ? error.code : 'internal';
}

/** What the client chose, for the record: the kind of the option, `cancelled`, or `other` for what is none of these. */
function choiceOf(line: Buffer, options: PermissionQuestion['options']): string {
  const read = ClientAnswer.safeParse(parsedMessage(line)?.result);
  if (!read.success) return 'other';
  const { outcome } = read.data;
  if (outcome.outcome === 'cancelled') return 'cancelled';
  return options.find(({ optionId }) => optionId === outcome.optionId)?.kind ?? 'other';
}
