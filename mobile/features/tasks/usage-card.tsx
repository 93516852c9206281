import { View } from 'react-native';
import { radii, spacing } from '../../../contract/design/tokens.ts';
import type { TaskView } from '../../host/task-views.ts';
import { t } from '../../texts/t.ts';
import { Card } from '../../ui/card.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { Words } from '../../ui/words.tsx';
import { usageLines } from './usage-lines.ts';

/** From here on a budget is shown as nearly used up. */
const NEARLY = 0.8;

function Share({ label, share }: { label: string; share: number }) {
  const { palette } = useTheme();
  const colour = share >= 1 ? palette.danger : share >= NEARLY ? palette.warning : palette.accent;
  const percent = Math.round(share * 100);
  return (
    <View
      accessible
      accessibilityRole="progressbar"
      accessibilityLabel={label}
      accessibilityValue={{ min: 0, max: 100, now: percent }}
      aria-valuenow={percent}
      style={{ height: 6, borderRadius: radii.pill, backgroundColor: palette.surfaceStrong }}
    >
      <View style={{ width: `${percent}%`, height: 6, borderRadius: radii.pill, backgroundColor: colour }} />
    </View>
  );
}

/** What a task has used, against its budget. */
export function UsageCard({ now, task }: { task: TaskView; now: number }) {
  const lines = usageLines(task, now, t);
  return (
    <Card title={t.tasks.used}>
      {lines.length === 0 && <Words>{t.tasks.noUsage}</Words>}
      {lines.map(({ share, text }) => (
        <View key={text} style={{ gap: spacing.xs }}>
          <Words>{text}</Words>
          {share !== null && <Share label={text} share={share} />}
          {share === 1 && <Words size="caption">{t.tasks.over}</Words>}
        </View>
      ))}
    </Card>
  );
}
