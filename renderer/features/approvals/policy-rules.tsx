import { useState } from 'react';
import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Answer, Card } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { StateMark, type Mark } from '../../ui/state-mark.tsx';
import { conditionWords } from './condition-words.ts';

const t = en.rules;
const effects: Record<'deny' | 'ask' | 'allow', Mark> = {
  deny: { tone: 'danger', icon: 'cross', word: t.effects.deny },
  ask: { tone: 'warning', icon: 'question', word: t.effects.ask },
  allow: { tone: 'ok', icon: 'check', word: t.effects.allow },
};

/** The rules in force. They are edited in the configuration file, not here. */
export function PolicyRules() {
  const [version, setVersion] = useState(0);
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
                <th>{t.rule}</th>
                <th>{t.when}</th>
              </tr>
            </thead>
            <tbody>
              {rules.map((rule) => (
                <tr key={rule.id}>
                  <td>
                    <StateMark mark={effects[rule.effect]} />
                  </td>
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
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      )}
    </Answer>
  );
}
