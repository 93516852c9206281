import { useState } from 'react';
import type { Rule } from '../../../contract/policy.ts';
import { useHost, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Answer, Card, Empty } from '../../ui/parts.tsx';
import { RuleTable } from './rule-table.tsx';

const t = en.rules;

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
        <div className="stack">
          <p className="muted">
            {t.order} {t.hash(policySha256.slice(0, 16))}
          </p>
          <OwnRules rules={rules.filter(isOwn)} onRemove={setGoing} />
          <Card flush title={t.product}>
            <RuleTable label={t.product} rules={rules.filter((rule) => !isOwn(rule))} />
          </Card>
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
        </div>
      )}
    </Answer>
  );
}

function OwnRules({ rules, onRemove }: { rules: readonly Rule[]; onRemove(ruleId: string): void }) {
  return (
    <Card flush title={t.own}>
      {rules.length === 0 ? (
        <Empty icon="approvals">{t.noOwn}</Empty>
      ) : (
        <RuleTable label={t.own} rules={rules} onRemove={onRemove} />
      )}
    </Card>
  );
}

/** Product rules carry a name that no other layer may use. */
function isOwn({ id }: Rule): boolean {
  return !id.startsWith('default.');
}
