import type { Rule } from '../../../contract/policy.ts';
import { en } from '../../texts/en.ts';
import { when as at } from '../../ui/format.ts';
import { riskMark } from '../../ui/marks.ts';
import { ActionButton } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { conditionWords, needWords, testCount } from './condition-words.ts';

const t = en.rules;
const effects: Record<Rule['effect'], Mark> = {
  deny: { tone: 'danger', icon: 'cross', word: t.effects.deny },
  ask: { tone: 'warning', icon: 'question', word: t.effects.ask },
  allow: { tone: 'ok', icon: 'check', word: t.effects.allow },
};

/** Rules in words. @param onRemove given for rules that can be taken out of force here */
export function RuleTable({
  label,
  rules,
  onRemove,
}: {
  label: string;
  rules: readonly Rule[];
  onRemove?: (rule: Rule) => void;
}) {
  return (
    <table className="table" aria-label={label}>
      <thead>
        <tr>
          <th>{t.effect}</th>
          <th>{t.rule}</th>
          <th>{t.when}</th>
          {onRemove && <th aria-label={t.remove} />}
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.id}>
            <td>
              <StateMark mark={effects[rule.effect]} />
            </td>
            <td>
              <Name rule={rule} />
            </td>
            <td>
              <Conditions rule={rule} />
              <Answering rule={rule} />
            </td>
            {onRemove && (
              <td className="cell-actions">
                <ActionButton
                  action={`rule.${rule.id}`}
                  color="danger"
                  label={t.removeThis(rule.id)}
                  onClick={() => onRemove(rule)}
                >
                  {t.remove}
                </ActionButton>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Name({ rule }: { rule: Rule }) {
  return (
    <>
      <code>{rule.id}</code>
      {rule.note !== undefined && (
        <p className="muted">
          <SafeText text={rule.note} />
        </p>
      )}
    </>
  );
}

/** All that must hold for the rule to speak, a phrase a line. */
export function Conditions({ rule }: { rule: Rule }) {
  return (
    <ul className="plain-list">
      {conditionWords(rule.when).map((words, i) => (
        <li key={i}>
          <SafeText text={words} />
        </li>
      ))}
    </ul>
  );
}

/** The risk it gives, what a yes takes, whether anything may answer in its place, how long it holds, and its tests. */
export function Answering({ rule }: { rule: Rule }) {
  const now = useNow();
  const need = needWords(rule.need);
  const tests = testCount(rule);
  const over = rule.expiresAt !== undefined && Date.parse(rule.expiresAt) <= now;
  const words = [
    ...(need.length > 0 ? [`${t.need}: ${need.join('; ')}`] : []),
    ...(rule.locked === true ? [t.locked] : []),
    ...(rule.expiresAt === undefined ? [] : [(over ? t.expired : t.expires)(at(rule.expiresAt, now))]),
    ...(tests > 0 ? [t.tests(tests)] : []),
  ];
  return (
    <>
      {rule.risk !== undefined && <StateMark mark={riskMark(rule.risk)} />}
      {words.length > 0 && <p className="muted">{words.join(' · ')}</p>}
    </>
  );
}
