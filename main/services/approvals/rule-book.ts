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
import { isRunner, type Grants } from './grants.ts';
import { createLocks } from './locks.ts';
import type { Devices, OwnRules, PresenceVerifier } from './ports.ts';
import { policyHash } from './pending-approval.ts';
import { proposeRules } from './rule-proposals.ts';
import { wrongWith } from './rule-tests.ts';
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
  const { product, own, workspaceRules, store, grants, devices, presence, audit, clock, moment } = deps;
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
      own.set(next);
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

  function withoutRule(now: readonly Rule[], ruleId: string): readonly Rule[] {
    const left = now.filter(({ id }) => id !== ruleId);
    if (left.length === now.length) throw new HostError('not_found', `there is no rule "${ruleId}" of yours`);
    return left;
  }

  /** Who has a way of proving to be there must use it, wherever the rule comes from. */
  async function provePresence(rule: Rule, given: PresenceProof | undefined, caller: Caller): Promise<void> {
    const purpose = { kind: 'rule', ruleSha256: sha256Hex(canonicalJson(rule)) } as const;
    if (given) await presence.verify(caller, given, purpose);
    else if (presence.canProve(caller))
      throw new HostError('refused', 'a rule that allows needs proof that you are there', { stepUp: 'each' });
  }

  async function addRule(input: InputOf<'approvals.addRule'>, caller: Caller) {
    const { rule, proof, presence: presenceProof } = input as InputOf<'approvals.addRule'> & { rule: Rule };
    withRule(own.get(), rule);
    const wrong = wrongWith([rule]);
    if (wrong) throw new HostError('invalid_input', wrong.message, { path: wrong.path.slice(1).join('.') });
    const { deviceId } = caller;
    if (deviceId !== null && !proof)
      throw new HostError('not_permitted', 'a device must sign the rule that it adds');
    if (deviceId !== null && rule.effect === 'allow' && opensWide(rule))
      throw new HostError(
        'refused',
        'a rule that lets out this much is written at the machine, not from afar',
      );
    if (rule.effect === 'allow') await provePresence(rule, presenceProof, caller);
    if (deviceId !== null && proof)
      devices.verifyRule(deviceId, ruleBytes(rule, proof.counter), proof.counter, proof.signature);
    const policySha256 = await change((now) => withRule(now, rule), caller.principal, rule.id);
    return { rule, policySha256 };
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
      'approvals.removeRule': async ({ ruleId }, caller) => ({
        policySha256: await change((now) => withoutRule(now, ruleId), caller.principal, ruleId),
      }),
    },
  };
}

/** Allows what runs unconfined, runs whatever it is told to, reaches the network, or is of any kind at all. */
function opensWide({ when }: Rule): boolean {
  const kinds = when.kind ?? null;
  if (kinds === null || kinds.some((kind) => kind === 'net' || kind === 'process.start' || kind === 'tool'))
    return true;
  if (!kinds.includes('exec')) return false;
  const sandboxes = when.sandbox ?? ['none'];
  const open = sandboxes.some((profile) => profile === 'none' || profile === 'ws+net');
  return open || when.argv === undefined || programs(when.argv).some((argv) => isRunner(argv));
}

/** Each beginning of a command that these tokens stand for, as far as its second word, where the rule names one. */
function programs([first = '', second]: NonNullable<Rule['when']['argv']>): string[][] {
  const verbs = second === undefined ? [[]] : [second].flat().map((verb) => [verb]);
  return [first].flat().flatMap((program) => verbs.map((verb) => [program, ...verb]));
}
