import { SegmentedControl } from '@mantine/core';
import type { TaskMode } from '../../../contract/tasks.ts';
import { en } from '../../texts/en.ts';

const t = en.tasks;
const MODES: readonly TaskMode[] = ['read', 'ask', 'auto'];

/** How far an agent may go, with what that means. */
export function ModeChoice({ mode, onChange }: { mode: TaskMode; onChange: (mode: TaskMode) => void }) {
  return (
    <div className="field">
      <span className="field-label">{t.mode}</span>
      <SegmentedControl
        aria-label={t.mode}
        value={mode}
        onChange={(value) => onChange(MODES.find((known) => known === value) ?? 'read')}
        data={MODES.map((value) => ({ value, label: t.modes[value].name }))}
      />
      <p className="muted">{t.modes[mode].means}</p>
    </div>
  );
}
