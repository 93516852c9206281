import type { ActionFacts, Approver, Permit, PermissionRequest, Refusal } from '../../kernel/approver.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import { ApprovalId, SessionId } from '../../../contract/ids.ts';
import { Session } from '../../../contract/sessions.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import type { NewTimelineEntry, SessionBook } from './ports.ts';

export type Answer =
  'allow' | 'deny' | 'forbid' | ((request: PermissionRequest) => Promise<'allow' | 'deny'>);

export interface FakeApprover extends Approver {
  readonly requests: PermissionRequest[];
  /** What became of each permit: `done`, or the message of the error. */
  readonly outcomes: { kind: string; outcome: string }[];
}

/** Asks nobody for reading; answers all else as told, and compares facts as the real one does. */
export function fakeApprover(answer: Answer): FakeApprover {
  const requests: PermissionRequest[] = [];
  const outcomes: { kind: string; outcome: string }[] = [];

  function permit(approvalId: ApprovalId | null, asked: ActionFacts): Permit {
    return {
      effect: 'allow',
      approvalId,
      async execute(now, run) {
        const current = typeof now === 'function' ? await now().catch(() => null) : now;
        if (canonicalJson(current) !== canonicalJson(asked)) {
          outcomes.push({ kind: asked.kind, outcome: 'stale' });
          throw new HostError('stale', 'what was approved is not what would happen now');
        }
        try {
          const result = await run();
          outcomes.push({ kind: asked.kind, outcome: 'done' });
          return result;
        } catch (error) {
          outcomes.push({
            kind: asked.kind,
            outcome: error instanceof Error ? error.message : String(error),
          });
          throw error;
        }
      },
    };
  }

  return {
    requests,
    outcomes,
    async decide(request) {
      if (request.facts.kind === 'fs.read') {
        return { effect: 'allow', approvalId: null, execute: (_now, run) => run() };
      }
      requests.push(request);
      if (answer === 'forbid')
        return { effect: 'deny', approvalId: null, by: 'policy', reason: 'a rule denies it' };
      const approvalId = ApprovalId.parse(`approval-${requests.length}`);
      request.onAsked?.(approvalId);
      const withdrawn = new Promise<Refusal>((resolve) => {
        const refuse = () =>
          resolve({ effect: 'deny', approvalId, by: 'withdrawn', reason: 'the asker is gone' });
        if (request.signal?.aborted === true) refuse();
        request.signal?.addEventListener('abort', refuse);
      });
      const decided = typeof answer === 'string' ? Promise.resolve(answer) : answer(request);
      return Promise.race([
        withdrawn,
        decided.then((word): Permit | Refusal =>
          word === 'allow'
            ? permit(approvalId, request.facts)
            : { effect: 'deny', approvalId, by: 'person', reason: 'no' },
        ),
      ]);
    },
  };
}

export interface FakeBook extends SessionBook {
  readonly entries: NewTimelineEntry[];
  readonly ended: SessionId[];
  readonly reports: AgentReport[];
}

export function fakeBook(folder: string): FakeBook {
  const entries: NewTimelineEntry[] = [];
  const ended: SessionId[] = [];
  const reports: AgentReport[] = [];
  const sessions = new Map<string, Session>();
  const known = (id: SessionId): Session => {
    const session = sessions.get(id);
    if (!session) throw new HostError('not_found', `there is no session "${id}"`);
    return session;
  };
  return {
    entries,
    ended,
    reports,
    async open({ report, ...facts }): Promise<Session> {
      const id = SessionId.parse(`session-${sessions.size + 1}`);
      const at = new Date(0).toISOString();
      const session = Session.parse({ ...facts, id, state: 'open', createdAt: at, lastActiveAt: at });
      sessions.set(id, session);
      reports.push(report);
      return session;
    },
    sessionFor: async (id) => ({ session: known(id), cwd: folder }),
    async reopen(id, { taskId }) {
      const before = known(id);
      if (before.state === 'open') throw new HostError('conflict', 'the session is in use');
      const session = Session.parse({ ...before, state: 'open', taskId });
      sessions.set(id, session);
      return session;
    },
    report: (_id, report) => void reports.push(report),
    append: (_id, entry) => void entries.push(entry),
    flush() {},
    end(id) {
      ended.push(id);
      sessions.set(id, Session.parse({ ...known(id), state: 'ended' }));
    },
  };
}
