import type { Action, ApprovalScope } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import type { InputOf, OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { ApprovalId } from '../../../contract/ids.ts';
import type { ProofKind } from '../../../contract/proof.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { ApprovalStore } from './approval-store.ts';
import { tooLongForPhone } from './content-size.ts';
import type { Flood } from './flood.ts';
import type { Grants } from './grants.ts';
import type { Devices, PresenceVerifier } from './ports.ts';
import type { Questions } from './questions.ts';
import type { RulesOfNow } from './rules-of-now.ts';
import { provePresence } from './step-up.ts';
import type { Pending, Step } from './steps.ts';
import { isRequester, memberOf, standing } from './voters.ts';

type Input = InputOf<'approvals.decide'>;

export interface Answers {
  decide(input: Input, caller: Caller): Promise<Approval>;
  decideMany(
    input: InputOf<'approvals.decideMany'>,
    caller: Caller,
  ): Promise<OutputOf<'approvals.decideMany'>>;
}

/** What people say to a question: who may, with which proof, having seen what, and when enough have said yes. */
export function createAnswers(deps: {
  store: ApprovalStore;
  questions: Questions;
  grants: Grants;
  flood: Flood;
  devices: Devices;
  rulesOfNow: RulesOfNow;
  /** Why nothing is allowed now, or null. */
  held(): string | null;
  presence: PresenceVerifier;
  clock: Clock;
}): Answers {
  const { store, questions, grants, flood, devices, presence, clock, rulesOfNow, held } = deps;
  const now = () => instant(clock.now());

  async function decide(input: Input, caller: Caller): Promise<Approval> {
    const approval = store.get(input.approvalId);
    const scope: ApprovalScope = input.scope ?? 'once';
    if (approval.actionHash !== input.actionHash) {
      throw new HostError('stale', 'the answer was for another action than the one that is asked for');
    }
    if (approval.state !== 'pending') throw late(approval);
    checkSignature(approval, input, scope, caller);
    if (input.decision === 'deny') {
      return questions.step(approval.id, (pending) => refuse(pending, caller, input.reason ?? ''));
    }
    const { asked, isStill } = await rulesOfNow.ask(approval);
    mayAllow(asked, scope, caller);
    const provenBy = await provePresence(presence, asked, caller, input.presence);
    return questions.step(approval.id, (pending) => {
      // Looked at once more: while the proof was waited for, the rules may have been changed.
      if (!isStill(pending))
        throw new HostError('conflict', 'the rules were changed while you answered; look at it again');
      return accept(pending, caller, scope, provenBy);
    });
  }

  /** What keeps this caller from saying yes, whatever they can prove. */
  function mayAllow(approval: Pending, scope: ApprovalScope, caller: Caller): void {
    if (!approval.scopes.includes(scope)) {
      throw new HostError('refused', `this cannot be remembered for "${scope}"; it is asked each time`);
    }
    if (approval.need.distinctFromRequester && isRequester(caller.principal, approval.action.requester)) {
      throw new HostError('refused', 'whoever asked for this cannot be the one who allows it');
    }
    const votes = standing(approval.votes, devices.mayApprove);
    if (votes.some((vote) => memberOf(vote.by) === memberOf(caller.principal))) {
      const more = approval.need.approvers - votes.length;
      throw new HostError('conflict', `you have said yes already; ${more} more must, from somewhere else`);
    }
    if (caller.deviceId !== null && tooLongForPhone(store.detail(approval.id).diffs)) {
      throw new HostError(
        'refused',
        'more than 2,000 lines are changed; read and answer this at the computer',
      );
    }
    if (approval.mustOpen && !store.wasOpened(approval.id, caller.principal)) {
      throw new HostError(
        'refused',
        'this is long or hides something: open its content first, then allow it',
        {
          mustOpen: true,
        },
      );
    }
  }

  function refuse(pending: Pending, caller: Caller, reason: string): Step {
    const by = { decidedAt: now(), decidedBy: caller.principal, provenBy: null };
    return {
      to: { ...pending, ...by, state: 'denied', reason },
      actor: caller.principal,
      facts: { risk: String(pending.risk) },
      before: () => flood.denied(store.kept(pending.id).question),
    };
  }

  function accept(pending: Pending, caller: Caller, scope: ApprovalScope, provenBy: ProofKind | null): Step {
    // Looked at once more: while the proof was waited for, the same person may have answered elsewhere.
    mayAllow(pending, scope, caller);
    const stop = held();
    if (stop !== null) throw new HostError('locked_down', stop);
    if (caller.deviceId !== null && !devices.mayApprove(caller.deviceId))
      throw new HostError('not_permitted', 'this device may answer no longer');
    const votes = [...standing(pending.votes, devices.mayApprove), { by: caller.principal, at: now() }];
    const facts = {
      scope,
      risk: String(pending.risk),
      provenBy,
      votes: `${votes.length} of ${pending.need.approvers}`,
    };
    if (votes.length < pending.need.approvers) {
      return { to: { ...pending, votes }, actor: caller.principal, facts };
    }
    return {
      to: {
        ...pending,
        votes,
        state: 'approved',
        decidedAt: now(),
        decidedBy: caller.principal,
        provenBy,
        scope,
      },
      actor: caller.principal,
      facts,
      before() {
        if (scope === 'once') return;
        grants.remember(scope, factsOf(pending.action), store.kept(pending.id).sessionKey, caller.principal);
      },
    };
  }

  function checkSignature(approval: Pending, input: Input, scope: ApprovalScope, caller: Caller): void {
    if (caller.deviceId === null) return;
    if (!input.proof) throw new HostError('not_permitted', 'a device must sign its answer');
    const { decision, proof } = input;
    const { id: approvalId, actionHash } = approval;
    devices.verifyStatement(
      caller.deviceId,
      { approvalId, actionHash, decision, scope, counter: proof.counter },
      proof.signature,
    );
  }

  return {
    decide,
    async decideMany({ decision, answers, reason }, caller) {
      const results: OutputOf<'approvals.decideMany'>['results'] = [];
      // One after the other: the counters of a device only grow.
      for (const answer of answers) {
        try {
          const approval = await decide({ ...answer, decision, scope: 'once', reason: reason ?? '' }, caller);
          results.push({ ok: true, approval });
        } catch (error) {
          if (!(error instanceof HostError)) throw error;
          results.push({ ok: false, approvalId: ApprovalId.parse(answer.approvalId), error: error.toWire() });
        }
      }
      return { results };
    },
  };
}

function late(approval: Approval): HostError {
  return new HostError('conflict', `this was answered already: it is ${approval.state}`, {
    state: approval.state,
  });
}

export function factsOf({ v: _v, id: _id, policySha256: _policy, ...facts }: Action): ActionFacts {
  return facts;
}
