import { Textarea } from '@mantine/core';
import { en } from '../../texts/en.ts';

/** What an agent is told to do, in words. */
export function TaskText(props: { rows: number; text: string; onChange: (text: string) => void }) {
  return (
    <Textarea
      label={en.tasks.text}
      description={en.tasks.textHint}
      rows={props.rows}
      data-autofocus
      required
      maxLength={65_536}
      value={props.text}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
