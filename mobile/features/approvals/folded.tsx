import type { ReactNode } from 'react';
import { t } from '../../texts/t.ts';
import { Button } from '../../ui/button.tsx';
import type { PartId } from './review.ts';
import type { Reviewed } from './use-review.ts';

/** A part that is long: nothing of it but a button, until it is opened. */
export function Folded(props: {
  part: PartId;
  lines: number;
  /** What it is, for who hears the button without seeing what stands above it. */
  title: string;
  reviewed: Reviewed;
  children: ReactNode;
}) {
  const { lines, part, reviewed, title } = props;
  if (!reviewed.isFolded(part)) return props.children;
  return (
    <Button
      icon="plus"
      label={t.approval.fold(lines)}
      hint={title}
      onPress={() => {
        reviewed.open(part);
      }}
    />
  );
}
