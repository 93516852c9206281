import { ruleBytes } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { sha256Hex } from '../../../contract/action.ts';
import type { InputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Rule } from '../../../contract/policy.ts';
import type { PresenceProof } from '../../../contract/proof.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { ApprovalStore } from './approval-store.ts';
import { dryRun } from './dry-run.ts';
import { evaluate, type PolicyMoment } from './evaluate.ts';
import type { Grants } from './grants.ts';
import { createLocks } from './locks.ts';
import type { Devices, OwnRules, PresenceVerifier } from './ports.ts';
import { policyHash } from './pending-approval.ts';
import type { PolicyMemory } from './policy-memory.ts';
import { proposeRules } from './rule-proposals.ts';
import { wrongWith } from './rule-tests.ts';
import { tooWide } from './too-wide.ts';
import type { WorkspaceRules } from './workspace-rules.ts';

const HISTORY = 200;
const MAX_OWN_RULES = 1000;

type RuleCommand =
  | 'approvals.proposeRules'
  | 'approvals.dryRun'
  | 'approvals.addRule'
  | 'approvals.removeRule'
  | 'approvals.showPolicy'
  | 'approvals.testPolicy';

export interface RuleBookDeps {
  product: readonly Rule[];
  own: OwnRules;
  workspaceRules: WorkspaceRules;
  store: Pick<ApprovalStore, 'get' | 'newest'>;
  grants: Pick<Grants, 'list'>;
  devices: Devices;
  presence: PresenceVerifier;
  audit: Auditor;
  memory: Pick<PolicyMemory, 'changing' | 'changed'>;
  clock: Clock;
  moment(): PolicyMoment;
}

export interface RuleBook {
  readonly handlers: Pick<HandlersOf<'approvals'>, RuleCommand>;
  /** Product rules and the owner's, as one set. */
  rules(): readonly Rule[];
}

/** The rules in force, and the only way in which a running host changes them. */
export function createRuleBook(deps: RuleBookDeps): RuleBook {
  const { product, own, workspaceRules, store, grants, devices, presence, audit, memory, clock, moment } =
    deps;
  const turns = createLocks();
  const rules = (): readonly Rule[] => [...product, ...own.get()];

  /**
   * On record before it holds; if it cannot be written to the file it does not hold. One change at a time: the next
   * rules are worked out from those that are in force when its turn comes, so no change undoes another.
   */
  function change(work: (now: readonly Rule[]) => readonly Rule[], actor: string, object: string) {
    return turns.run('rules', async () => {
      const next = work(own.get());
      const before = policyHash(rules());
      const after = policyHash([...product, ...next]);
      await audit.append({ actor, type: 'policy.changed', object, facts: { before, after } });
      memory.changing(next);
      own.set(next);
      memory.changed(next);
      return after;
    });
  }

  function withRule(now: readonly Rule[], rule: Rule): readonly Rule[] {
    if ([...product, ...now].some(({ id }) => id === rule.id))
      throw new HostError(
        'conflict',
        `there is a rule "${rule.id}" already; remove it first, or choose another id`,
      );
    if (now.length >= MAX_OWN_RULES)
      throw new HostError('too_many', `more than ${MAX_OWN_RULES} rules; remove some first`);
    return [...now, rule];
  }

  /** Without the rule that was looked at: another one under the same id, put there meanwhile, stays. */
  function withoutRule(now: readonly Rule[], ruleId: string, seen: Rule | undefined): readonly Rule[] {
    const found = now.find(({ id }) => id === ruleId);
    if (found === undefined) throw new HostError('not_found', `there is no rule "${ruleId}" of yours`);
    if (seen === undefined || canonicalJson(found) !== canonicalJson(seen))
      throw new HostError('conflict', `the rule "${ruleId}" is another one than a moment ago; look again`);
    return now.filter((rule) => rule !== found);
  }

  /** Who has a way of proving to be there must use it, wherever the rule comes from. */
  async function provePresence(
    kind: 'rule' | 'rule-removal',
    rule: Rule,
    given: PresenceProof | undefined,
    caller: Caller,
  ): Promise<void> {
    const purpose = { kind, ruleSha256: sha256Hex(canonicalJson(rule)) };
    if (given) await presence.verify(caller, given, purpose);
    else if (presence.canProve(caller)) throw unproven(kind, caller);
  }

  async function addRule(input: InputOf<'approvals.addRule'>, caller: Caller) {
    const { rule, proof, presence: presenceProof } = input as InputOf<'approvals.addRule'> & { rule: Rule };
    withRule(own.get(), rule);
    const wrong = wrongWith([rule]);
    if (wrong) throw new HostError('invalid_input', wrong.message, { path: wrong.path.slice(1).join('.') });
    const { deviceId } = caller;
    if (deviceId !== null && !proof)
      throw new HostError('not_permitted', 'a device must sign the rule that it adds');
    const wide = deviceId !== null && rule.effect === 'allow' ? tooWide(rule.when) : null;
    if (wide !== null)
      throw new HostError('refused', `${wide}; a rule that wide is written at the machine, not from afar`);
    if (loosensWhenAdded(rule)) await provePresence('rule', rule, presenceProof, caller);
    if (deviceId !== null && proof)
      devices.verifyRule(deviceId, ruleBytes(rule, proof.counter), proof.counter, proof.signature);
    const policySha256 = await change((now) => withRule(now, rule), caller.principal, rule.id);
    return { rule, policySha256 };
  }

  async function removeRule(input: InputOf<'approvals.removeRule'>, caller: Caller) {
    const { ruleId } = input;
    const rule = own.get().find(({ id }) => id === ruleId);
    if (rule !== undefined && loosensWhenRemoved(rule))
      await provePresence('rule-removal', rule, input.presence, caller);
    return { policySha256: await change((now) => withoutRule(now, ruleId, rule), caller.principal, ruleId) };
  }

  return {
    rules,
    handlers: {
      'approvals.showPolicy': () => ({ rules: [...rules()], policySha256: policyHash(rules()) }),
      'approvals.testPolicy': async ({ action }) =>
        evaluate(
          [...rules(), ...(await workspaceRules.of(action.workspaceId))],
          grants.list(),
          { facts: action, origin: 'cli' },
          moment(),
        ),
      'approvals.proposeRules': ({ approvalId, effect }) => {
        const history = store.newest(HISTORY);
        const drafts = proposeRules(store.get(approvalId).action, effect, instant(clock.now()));
        const proposals = drafts.map((draft) => ({
          ...draft,
          dryRun: dryRun(draft.rule, history, moment()),
        }));
        return { proposals };
      },
      'approvals.dryRun': ({ rule, last }) => dryRun(rule, store.newest(last), moment()),
      'approvals.addRule': addRule,
      'approvals.removeRule': removeRule,
    },
  };
}

/** A risk that a rule gives can take an action out of the reach of a rule that denies up to some risk. */
const loosensWhenAdded = ({ effect, risk }: Rule): boolean => effect === 'allow' || risk !== undefined;
/** Deny goes over ask over allow: without a rule that allows, nothing is let through that was not before. */
const loosensWhenRemoved = ({ effect, risk }: Rule): boolean => effect !== 'allow' || risk !== undefined;

function unproven(kind: 'rule' | 'rule-removal', caller: Caller): HostError {
  const what = kind === 'rule' ? 'a rule that can let more through' : 'taking away a rule that holds back';
  const way =
    caller.origin === 'cli'
      ? ', which the command line cannot give; do it in the dashboard (`signalbox open`)'
      : '';
  return new HostError('refused', `${what} needs proof that you are there${way}`, { stepUp: 'each' });
}
