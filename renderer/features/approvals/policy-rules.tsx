import { useState } from 'react';
import type { Rule } from '../../../contract/policy.ts';
import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Answer, Card, Empty } from '../../ui/parts.tsx';
import { RemoveRule } from './remove-rule.tsx';
import { RuleTable } from './rule-table.tsx';

const t = en.rules;

/** The rules in force, by where they come from. Those of the owner can be taken out of force here. */
export function PolicyRules() {
  const [version, setVersion] = useState(0);
  const [going, setGoing] = useState<Rule | null>(null);
  const gone = () => {
    setGoing(null);
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
          {going !== null && <RemoveRule rule={going} onClose={() => setGoing(null)} onGone={gone} />}
        </div>
      )}
    </Answer>
  );
}

function OwnRules({ rules, onRemove }: { rules: readonly Rule[]; onRemove(rule: Rule): void }) {
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
