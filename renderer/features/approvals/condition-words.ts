import type { RuleCondition } from '../../../contract/policy.ts';
import { en } from '../../texts/en.ts';

const t = en.rules;

/** A condition as short phrases, one for each field that is present; all of them must hold. */
export function conditionWords(when: RuleCondition): string[] {
  const phrases: (string | null)[] = [
    when.kind ? t.kind(when.kind.map((kind) => en.actionKinds[kind]).join(', ')) : null,
    when.argv
      ? t.argv(
          when.argv.map((token) => (typeof token === 'string' ? token : `{${token.join(',')}}`)).join(' '),
        )
      : null,
    when.pathIn ? t.pathIn(when.pathIn.join(', ')) : null,
    when.pathAny ? t.pathAny(when.pathAny.join(', ')) : null,
    when.workspace ? t.workspace(when.workspace.join(', ')) : null,
    when.agent ? t.agent(when.agent.join(', ')) : null,
    when.origin ? t.origin(when.origin.join(', ')) : null,
    when.sandbox ? t.sandbox(when.sandbox.join(', ')) : null,
    when.riskMin === undefined ? null : t.riskMin(when.riskMin),
    when.riskMax === undefined ? null : t.riskMax(when.riskMax),
  ];
  const present = phrases.filter((phrase) => phrase !== null);
  return present.length > 0 ? present : [t.anything];
}
