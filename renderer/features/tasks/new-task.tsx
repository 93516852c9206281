import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TaskBudget, TaskMode } from '../../../contract/tasks.ts';
import { useHostState } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ActionButton } from '../../ui/parts.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { TaskText } from './task-text.tsx';
import { useSubmitTask } from './use-submit-task.ts';

const t = en.tasks;
const BUDGETS = ['tokens', 'costUsd', 'minutes'] as const;
type BudgetDraft = Readonly<Record<(typeof BUDGETS)[number], string>>;

export function NewTask({ onClose }: { onClose: () => void }) {
  const agentTable = useHostState((state) => state.agents);
  const folders = useHostState((state) => state.workspaces);
  const agents = Object.values(agentTable).filter((agent) => agent.state === 'available');
  const [agent, setAgent] = useState(agents[0]?.name ?? '');
  const [workspace, setWorkspace] = useState<string>(Object.values(folders)[0]?.id ?? '');
  const [mode, setMode] = useState<TaskMode>('ask');
  const [text, setText] = useState('');
  const [budget, setBudget] = useState<BudgetDraft>({ tokens: '', costUsd: '', minutes: '' });
  const limits = budgetOf(budget);
  const give = useSubmitTask({ what: t.create, done: t.submitted });
  const missing = agents.length === 0 ? t.noAgent : Object.keys(folders).length === 0 ? t.noFolder : null;

  async function submit(): Promise<void> {
    if (limits === null) return;
    await give({ agent, workspace, mode, text: text.trim(), budget: limits });
  }
  return (
    <Dialog title={t.create} onClose={onClose} wide>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {missing !== null && (
          <p className="card-note" data-tone="warning">
            {missing}
          </p>
        )}
        <TaskText rows={6} text={text} onChange={setText} />
        <div className="columns">
          <NativeSelect
            label={t.agent}
            value={agent}
            onChange={(event) => setAgent(event.currentTarget.value)}
            data={agents.map((each) => ({
              value: each.name,
              label: [each.title === '' ? each.name : each.title, each.version ?? ''].join(' ').trim(),
            }))}
          />
          <NativeSelect
            label={t.folder}
            value={workspace}
            onChange={(event) => setWorkspace(event.currentTarget.value)}
            data={Object.values(folders).map((each) => ({ value: each.id, label: each.name }))}
          />
        </div>
        {agentTable[agent]?.login === 'no' && (
          <p className="card-note" data-tone="warning">
            {t.notLoggedIn}
          </p>
        )}
        <ModeChoice mode={mode} onChange={setMode} />
        <BudgetFields budget={budget} onChange={setBudget} />
        <div className="buttons">
          <span className="spacer" />
          <ActionButton
            action="task.submit"
            variant="filled"
            disabled={missing !== null || text.trim() === '' || limits === null}
            onClick={() => void submit()}
          >
            {t.submit}
          </ActionButton>
        </div>
      </form>
    </Dialog>
  );
}

function BudgetFields(props: { budget: BudgetDraft; onChange: (budget: BudgetDraft) => void }) {
  const { budget, onChange } = props;
  return (
    <fieldset className="budget">
      <legend>{t.budget}</legend>
      <p className="muted">{t.budgetHint}</p>
      <div className="columns">
        {BUDGETS.map((kind) => (
          <TextInput
            key={kind}
            label={t.budgetKinds[kind]}
            inputMode="decimal"
            value={budget[kind]}
            error={isLimit(kind, budget[kind]) ? undefined : t.budgetRule}
            onChange={(event) => onChange({ ...budget, [kind]: event.currentTarget.value })}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** The host has limits of its own; here it is only told apart what is a number that makes sense. */
function isLimit(kind: keyof BudgetDraft, text: string): boolean {
  if (text.trim() === '') return true;
  const value = Number(text);
  return Number.isFinite(value) && value > 0 && (kind !== 'tokens' || Number.isInteger(value));
}

/** Null when something in it is no limit. */
function budgetOf(draft: BudgetDraft): TaskBudget | null {
  if (!BUDGETS.every((kind) => isLimit(kind, draft[kind]))) return null;
  const given = BUDGETS.filter((kind) => draft[kind].trim() !== '');
  return Object.fromEntries(given.map((kind) => [kind, Number(draft[kind])]));
}
