import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HANDOFF_FILES } from '../../../contract/handoff.ts';
import type { ActionFacts, Approver, Permit, Refusal } from '../../kernel/approver.ts';
import type { LiveHandoff } from './live-handoff.ts';
import { readPlan, type Plan } from './plan.ts';

export interface AskPersonDeps {
  readonly approver: Approver;
  readonly sanitize: (text: string) => string;
}

export interface Question {
  readonly plan: Plan;
  /** What it is compared with; null: there is nothing. */
  readonly before: Plan | null;
  readonly title: string;
  readonly event: 'plan_asked' | 'confirmation_asked';
  /** Takes the question back. */
  readonly signal: AbortSignal;
}

/**
 * Asks a person whether a plan may be handed to the agent. Whoever may write the context directory (a client of the
 * bridge, an agent) can put a plan there; that alone starts nothing. The leave is for these very bytes and this agent:
 * when the file is another one by then, `execute` of the permit throws `stale`.
 */
export async function askPerson(
  { approver, sanitize }: AskPersonDeps,
  live: LiveHandoff,
  { plan, before, title, event, signal }: Question,
): Promise<{ answer: Permit | Refusal; factsNow: () => Promise<ActionFacts> }> {
  const newText = sanitize(plan.text);
  const oldText = before === null ? null : sanitize(before.text);
  const facts = factsOf(live, plan.sha256);
  try {
    const answer = await approver.decide({
      facts,
      title,
      origin: live.caller.origin,
      taskId: null,
      sessionKey: null,
      diffs: [
        {
          path: HANDOFF_FILES.plan,
          oldText,
          newText,
          redacted: newText !== plan.text || (before !== null && oldText !== before.text),
          truncated: false,
        },
      ],
      agentSays: '',
      mustAsk: true,
      signal: AbortSignal.any([live.signal, signal]),
      onAsked(approvalId) {
        live.change({ approvalId });
        live.tell(event, title, { approvalId });
      },
    });
    return { answer, factsNow: async () => factsOf(live, (await readPlan(live.folder.root)).sha256) };
  } finally {
    if (live.now.approvalId !== null) live.change({ approvalId: null });
  }
}

function factsOf({ now, caller }: LiveHandoff, planSha256: string): ActionFacts {
  const { workspaceId, agent, mode, id, kind } = now;
  return {
    kind: 'tool',
    workspaceId,
    requester: [caller.principal, `handoff:${id}`],
    agent,
    paths: [HANDOFF_FILES.plan],
    exec: null,
    writes: [],
    tool: { name: `handoff.${kind}`, inputSha256: sha256Hex(canonicalJson({ planSha256, agent, mode })) },
    net: [],
  };
}
