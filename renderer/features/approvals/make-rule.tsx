import { Button, Radio, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Approval } from '../../../contract/approvals.ts';
import type { RuleProposal } from '../../../contract/policy.ts';
import { useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Answer, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { dryRunWords } from './condition-words.ts';
import { Answering, Conditions } from './rule-table.tsx';
import { useRuleChange } from './use-rule-change.ts';

const t = en.rules;
const MOST_EXAMPLES = 5;

/** Opens the rules that would answer questions like this one. */
export function MakeRule({ approval }: { approval: Approval }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="card-note">
      <Button variant="subtle" onClick={() => setOpen(true)}>
        {t.make}
      </Button>
      {open && <MakeRuleDialog approval={approval} onClose={() => setOpen(false)} />}
    </div>
  );
}

function MakeRuleDialog({ approval, onClose }: { approval: Approval; onClose(): void }) {
  const [effect, setEffect] = useState<'allow' | 'deny'>(approval.state === 'denied' ? 'deny' : 'allow');
  const proposed = useQuery('approvals.proposeRules', { approvalId: approval.id, effect });
  const effects = (['allow', 'deny'] as const).map((value) => ({ value, label: t.makeEffect[value] }));
  return (
    <Dialog title={t.makeTitle} wide onClose={onClose}>
      <div className="stack">
        <p className="quoted">
          <SafeText text={approval.title} />
        </p>
        <SegmentedControl data={effects} value={effect} onChange={setEffect} aria-label={t.effect} />
        <p className="muted">{t.makeLead}</p>
        <Answer query={proposed}>
          {({ proposals }) => <Choice key={effect} proposals={proposals} onClose={onClose} />}
        </Answer>
      </div>
    </Dialog>
  );
}

/** The proposals, one to be chosen: the narrowest unless a person says otherwise. */
function Choice({ proposals, onClose }: { proposals: readonly RuleProposal[]; onClose(): void }) {
  const { add, busy, error } = useRuleChange();
  const [width, setWidth] = useState<string>(proposals[0]?.width ?? '');
  const chosen = proposals.find((one) => one.width === width);
  if (chosen === undefined) return <p>{t.none}</p>;
  return (
    <>
      <Radio.Group value={width} onChange={setWidth} label={t.rule}>
        <div className="stack">
          {proposals.map(({ width: value, rule, dryRun }) => (
            <Radio
              key={value}
              value={value}
              label={t.widths[value]}
              description={dryRunWords(rule.effect, dryRun)}
            />
          ))}
        </div>
      </Radio.Group>
      <Effects proposal={chosen} />
      {error && <Failure error={error} />}
      <footer className="buttons">
        <Button variant="default" onClick={onClose}>
          {en.common.cancel}
        </Button>
        <ActionButton
          action={`rule.${chosen.rule.id}`}
          variant="filled"
          disabled={busy}
          onClick={() => void add(chosen.rule).then((done) => done && onClose())}
        >
          {t.add}
        </ActionButton>
      </footer>
    </>
  );
}

/** All that the chosen rule says, and questions of the past that it speaks of. */
function Effects({ proposal: { rule, dryRun } }: { proposal: RuleProposal }) {
  const examples = dryRun.examples.slice(0, MOST_EXAMPLES);
  const more = dryRun.matched - examples.length;
  return (
    <section aria-label={t.when} aria-live="polite" className="stack">
      <h3>{t.when}</h3>
      <Conditions rule={rule} />
      <Answering rule={rule} />
      {dryRun.againstDenials > 0 && (
        <p className="card-note" data-tone="warning">
          <Icon name="warning" /> {t.againstDenials(dryRun.againstDenials)}
        </p>
      )}
      {examples.length > 0 && (
        <>
          <h3>{t.examples}</h3>
          <ul className="plain-list" aria-label={t.examples}>
            {examples.map(({ approvalId, title }) => (
              <li key={approvalId}>
                <SafeText text={title} />
              </li>
            ))}
          </ul>
          {more > 0 && <p className="muted">{t.more(more)}</p>}
        </>
      )}
    </section>
  );
}
