import { useState } from 'react';
import type { Rule } from '../../../contract/policy.ts';
import { useHost, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { when as at } from '../../ui/format.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionButton, Answer, Card } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { conditionWords, needWords } from './condition-words.ts';

const t = en.rules;
const effects: Record<'deny' | 'ask' | 'allow', Mark> = {
  deny: { tone: 'danger', icon: 'cross', word: t.effects.deny },
  ask: { tone: 'warning', icon: 'question', word: t.effects.ask },
  allow: { tone: 'ok', icon: 'check', word: t.effects.allow },
};

/** The rules in force, by where they come from. Those of the owner can be taken out of force here. */
export function PolicyRules() {
  const { actions } = useHost();
  const [version, setVersion] = useState(0);
  const [going, setGoing] = useState<string | null>(null);
  const remove = async (ruleId: string) => {
    const said = { what: t.remove, done: t.removed };
    await actions.run(`rule.${ruleId}`, 'approvals.removeRule', { ruleId }, said);
    setVersion((before) => before + 1);
  };
  const policy = useQuery('approvals.showPolicy', {}, version);
  return (
    <Answer query={policy} onRetry={() => setVersion(version + 1)}>
      {({ rules, policySha256 }) => (
        <Card flush>
          <p className="card-note">
            {t.order} <span className="muted">{t.hash(policySha256.slice(0, 16))}</span>
          </p>
          <table className="table">
            <thead>
              <tr>
                <th>{t.effect}</th>
                <th>{t.layer}</th>
                <th>{t.rule}</th>
                <th>{t.when}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {rules.map((rule) => (
                <tr key={rule.id}>
                  <td>
                    <StateMark mark={effects[rule.effect]} />
                  </td>
                  <td>{isOwn(rule) ? t.layers.own : t.layers.product}</td>
                  <td>
                    <code>{rule.id}</code>
                    {rule.note !== undefined && (
                      <p className="muted">
                        <SafeText text={rule.note} />
                      </p>
                    )}
                  </td>
                  <td>
                    <ul className="plain-list">
                      {conditionWords(rule.when).map((words, i) => (
                        <li key={i}>
                          <SafeText text={words} />
                        </li>
                      ))}
                    </ul>
                    <Answering rule={rule} />
                  </td>
                  <td className="cell-actions">
                    {isOwn(rule) && (
                      <ActionButton
                        action={`rule.${rule.id}`}
                        color="danger"
                        onClick={() => setGoing(rule.id)}
                      >
                        {t.remove}
                      </ActionButton>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {going !== null && (
            <Confirm
              title={t.removeTitle(going)}
              action={t.remove}
              danger
              onClose={() => setGoing(null)}
              onConfirm={() => void remove(going)}
            >
              <p>{t.removeText}</p>
            </Confirm>
          )}
        </Card>
      )}
    </Answer>
  );
}

/** Product rules carry a name that no other layer may use. */
function isOwn({ id }: Rule): boolean {
  return !id.startsWith('default.');
}

/** What a yes takes, whether anything may answer in its place, and how long the rule holds. */
function Answering({ rule }: { rule: Rule }) {
  const now = useNow();
  const need = needWords(rule.need);
  const words = [
    ...(need.length > 0 ? [`${t.need}: ${need.join('; ')}`] : []),
    ...(rule.locked === true ? [t.locked] : []),
    ...(rule.expiresAt === undefined ? [] : [t.expires(at(rule.expiresAt, now))]),
  ];
  return words.length === 0 ? null : <p className="muted">{words.join(' · ')}</p>;
}
