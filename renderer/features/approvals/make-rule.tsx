import { Button, Radio, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { sha256Hex } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { Rule, RuleProposal } from '../../../contract/policy.ts';
import { useHost, useQuery } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton, Answer } from '../../ui/parts.tsx';
import { SafeText } from '../../ui/safe-text.tsx';
import { conditionWords } from './condition-words.ts';
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
  const add = useAddRule();
  const [width, setWidth] = useState<string>(proposals[0]?.width ?? '');
  const chosen = proposals.find((one) => one.width === width);
  if (chosen === undefined) return <p>{t.none}</p>;
  return (
    <>
      <Radio.Group value={width} onChange={setWidth} label={t.rule}>
        <div className="stack">
          {proposals.map((one) => (
            <Radio key={one.width} value={one.width} label={t.widths[one.width]} description={told(one)} />
          ))}
        </div>
      </Radio.Group>
      <Effects proposal={chosen} />
      <footer className="buttons">
        <Button variant="default" onClick={onClose}>
          {en.common.cancel}
        </Button>
        <ActionButton
          action={`rule.${chosen.rule.id}`}
          variant="filled"
          onClick={() => void add(chosen.rule).then((done) => done && onClose())}
        >
          {t.add}
        </ActionButton>
      </footer>
    </>
  );
}

function told({ rule, dryRun }: RuleProposal): string {
  const effect = rule.effect === 'deny' ? 'deny' : 'allow';
  const changed = effect === 'deny' ? dryRun.wouldDeny : dryRun.wouldAllow;
  return t.dryRun[effect](changed, dryRun.examined);
}

/** All that the chosen rule says, and questions of the past that it speaks of. */
function Effects({ proposal: { rule, dryRun } }: { proposal: RuleProposal }) {
  return (
    <section aria-label={t.when}>
      <ul className="plain-list">
        {conditionWords(rule.when).map((words, i) => (
          <li key={i}>
            <SafeText text={words} />
          </li>
        ))}
      </ul>
      {dryRun.againstDenials > 0 && (
        <p className="card-note" data-tone="warning">
          {t.againstDenials(dryRun.againstDenials)}
        </p>
      )}
      <ul>
        {dryRun.examples.slice(0, MOST_EXAMPLES).map(({ approvalId, title }) => (
          <li key={approvalId}>
            <SafeText text={title} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Adds a rule; one that allows is proven first by whoever has a way of proving to be there. */
function useAddRule(): (rule: Rule) => Promise<boolean> {
  const { actions, client } = useHost();
  const prove = useProof();
  return async (rule) => {
    const run = async (presence: object) => {
      const input = { rule, ...presence };
      const said = { what: t.add, done: t.added };
      const answer = await actions.run(`rule.${rule.id}`, 'approvals.addRule', input, said);
      return answer?.ok === true;
    };
    if (rule.effect !== 'allow') return run({});
    const { origin } = window.location;
    const status = await client.call('presence.status', { origin });
    const hasWay = status.ok && (status.value.passkeys.length > 0 || status.value.osPrompt === 'available');
    if (!hasWay) return run({});
    const proof = await prove({ kind: 'rule', ruleSha256: sha256Hex(canonicalJson(rule)) });
    if ('kind' in proof) return run({ presence: proof });
    actions.say('failed', t.noPresence, proof.failed);
    return false;
  };
}
