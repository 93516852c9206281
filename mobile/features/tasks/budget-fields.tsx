import { Button } from '../../ui/button.tsx';
import { t } from '../../texts/t.ts';
import { Card } from '../../ui/card.tsx';
import { Field } from '../../ui/field.tsx';
import { Words } from '../../ui/words.tsx';
import { NO_BUDGET } from './check-task.ts';
import type { BudgetDraft } from './check-task.ts';

/** Limits after which the host stops a task; folded until they are wanted. */
export function BudgetFields(props: {
  /** Undefined: none is wanted. */
  budget: BudgetDraft | undefined;
  onChange: (budget: BudgetDraft | undefined) => void;
}) {
  const { budget, onChange } = props;
  if (!budget) {
    return (
      <Button
        icon="plus"
        label={t.task.budget}
        hint={t.task.budgetHint}
        onPress={() => {
          onChange(NO_BUDGET);
        }}
      />
    );
  }
  const field = (name: keyof BudgetDraft, label: string): React.JSX.Element => (
    <Field
      label={label}
      value={budget[name]}
      literal
      numeric
      maxLength={16}
      onChange={(value) => {
        onChange({ ...budget, [name]: value });
      }}
    />
  );
  return (
    <Card>
      <Words size="caption">{t.task.budgetHint}</Words>
      {field('tokens', t.task.tokens)}
      {field('costUsd', t.task.cost)}
      {field('minutes', t.task.minutes)}
      <Words size="caption">{t.task.reported}</Words>
      <Button
        label={t.task.noBudget}
        onPress={() => {
          onChange(undefined);
        }}
      />
    </Card>
  );
}
