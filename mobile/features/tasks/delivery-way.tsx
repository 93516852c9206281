import { View } from 'react-native';
import { spacing } from '../../../contract/design/tokens.ts';
import { t } from '../../texts/t.ts';
import { Card } from '../../ui/card.tsx';
import { Icon } from '../../ui/icon.tsx';
import { useTheme } from '../../ui/theme.tsx';
import { Words } from '../../ui/words.tsx';
import { STEPS } from './delivery-steps.ts';
import type { Reached, Step } from './delivery-steps.ts';

function Line({ reached, step }: { step: Step; reached: boolean }) {
  const { palette } = useTheme();
  const colour = reached ? palette.text : palette.textMuted;
  const words = t.tasks.steps[step];
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: spacing.sm }}>
      <Icon name={reached ? 'check' : 'clock'} colour={reached ? palette.accent : colour} size={16} />
      <Words colour={colour} spoken={`${words}: ${reached ? t.tasks.steps.reached : t.tasks.steps.open}`}>
        {words}
      </Words>
    </View>
  );
}

/** How far a task has come, step by step. What is not known is said, never guessed. */
export function DeliveryWay({ fromHost = false, reached }: { reached: Reached; fromHost?: boolean }) {
  const steps = fromHost ? STEPS.slice(STEPS.indexOf('queued')) : STEPS;
  if (reached.kind === 'step') {
    const last = STEPS.indexOf(reached.step);
    return (
      <Card title={t.tasks.steps.title}>
        {steps.map((step) => (
          <Line key={step} step={step} reached={STEPS.indexOf(step) <= last} />
        ))}
      </Card>
    );
  }
  const atHost = reached.kind === 'unknown' && reached.at === 'host';
  return (
    <Card title={t.tasks.steps.title}>
      {reached.kind === 'never' && <Words>{t.tasks.steps.never}</Words>}
      {reached.kind === 'unknown' && <Words>{atHost ? t.delivery.unknownTask : t.tasks.steps.unknown}</Words>}
      {reached.kind === 'unknown' && !atHost && <Words>{t.tasks.steps.unknownHint}</Words>}
    </Card>
  );
}
