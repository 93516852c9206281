import { sha256Hex } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { PredefinedAction } from '../../../contract/predefined.ts';
import { findOwnerProgram, runOwnerCommand } from '../../guard/owner-command.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { ActionEnd, ActionWitness } from './action-run.ts';
import type { PredefinedDeps } from './predefined.ts';

export type RunActionDeps = Pick<
  PredefinedDeps,
  'approver' | 'audit' | 'groups' | 'clock' | 'redactor' | 'hostEnv'
>;

interface Wanted {
  readonly action: PredefinedAction;
  /** Where it runs, absolute. */
  readonly folder: string;
  readonly caller: Caller;
  readonly witness: ActionWitness;
}

/**
 * Runs one predefined command; what it prints goes to the witness, redacted, as it comes. The owner has written it down:
 * at a low risk that is leave enough where a person would be asked, any other is put before a person each time it is not
 * remembered. What the policy denies, or the host does not take now, does not run at any risk.
 * @throws HostError `refused`, `stale`, `not_found` when its program is missing
 */
export async function runAction(deps: RunActionDeps, wanted: Wanted): Promise<ActionEnd> {
  const { action, folder, caller, witness } = wanted;
  const { name, argv, cwd, workspaceId, timeoutMs, risk } = action;
  // A command that cannot run was not asked for.
  findOwnerProgram(argv[0] ?? '', folder, deps.hostEnv);
  await record(deps, wanted, 'action.requested', {});
  const ended = await runOwnerCommand(
    deps,
    {
      ...{ argv, folder, cwd, workspaceId, timeoutMs, requester: [caller.principal], origin: caller.origin },
      title: `Run the predefined command ${name}`,
      name: `the command ${name}`,
      label: `action ${name}`,
      mustAsk: risk !== 'low',
    },
    witness,
  );
  const { exitCode: code, signal, timedOut, durationMs } = ended;
  await record(deps, wanted, 'action.ended', { code, signal, timedOut, durationMs });
  return ended;
}

function record(
  { audit }: RunActionDeps,
  { action, caller }: Wanted,
  type: string,
  facts: Record<string, string | number | boolean | null>,
): Promise<void> {
  const { workspaceId, risk } = action;
  return audit.append({
    actor: caller.principal,
    type,
    object: action.name,
    facts: { workspaceId, risk, argvSha256: sha256Hex(canonicalJson(action.argv)), ...facts },
  });
}
