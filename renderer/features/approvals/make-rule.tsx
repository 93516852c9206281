import { Button, Radio, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { sha256Hex } from '../../../contract/hash.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { Rule, RuleProposal } from '../../../contract/policy.ts';
import { useHost, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icons.tsx';
import { ActionButton, Answer, Failure } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { dryRunWords } from './condition-words.ts';
import { Answering, Conditions } from './rule-table.tsx';
import { useProof } from './use-step-up.ts';

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
  const { add, busy, error } = useAddRule();
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

interface AddRule {
  add(rule: Rule): Promise<boolean>;
  /** From the first click until the answer, the prompt for a proof included. */
  readonly busy: boolean;
  readonly error: WireError | null;
}

/** Adds a rule; where the host wants proof that a person is there, that is asked for and the rule sent once more. */
function useAddRule(): AddRule {
  const { actions, client } = useHost();
  const prove = useProof();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);

  async function attempt(rule: Rule): Promise<WireError | null> {
    const first = await client.call('approvals.addRule', { rule });
    if (first.ok) return null;
    if (first.error.data?.['stepUp'] === undefined) return first.error;
    const presence = await prove({ kind: 'rule', ruleSha256: sha256Hex(canonicalJson(rule)) });
    if (!('kind' in presence)) return { code: 'refused', message: `${t.noPresence} ${presence.failed}` };
    const second = await client.call('approvals.addRule', { rule, presence });
    return second.ok ? null : second.error;
  }

  async function add(rule: Rule): Promise<boolean> {
    setBusy(true);
    setError(null);
    const failed = await attempt(rule);
    setBusy(false);
    setError(failed);
    if (failed === null) actions.say('done', t.added);
    return failed === null;
  }
  return { add, busy, error };
}
