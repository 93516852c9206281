import { ActivityIndicator, View } from 'react-native';
import { spacing } from '../../contract/design/tokens.ts';
import { t } from '../texts/t.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

const middle = {
  flex: 1,
  alignItems: 'center',
  justifyContent: 'center',
  padding: spacing.xl,
  gap: spacing.md,
} as const;

/** What will appear here, and the one next step. */
export function EmptyState(props: {
  icon: IconName;
  title: string;
  text?: string;
  action?: { label: string; onPress: () => void };
}) {
  const { palette } = useTheme();
  return (
    <View style={middle}>
      <Icon name={props.icon} colour={palette.textMuted} size={48} />
      <Words size="heading" heading align="center">
        {props.title}
      </Words>
      {props.text !== undefined && (
        <Words colour={palette.textMuted} align="center">
          {props.text}
        </Words>
      )}
      {props.action && <Button kind="primary" label={props.action.label} onPress={props.action.onPress} />}
    </View>
  );
}

export function LoadingState({ text = t.common.loading }: { text?: string }) {
  const { palette } = useTheme();
  return (
    <View style={middle} accessibilityLiveRegion="polite">
      <ActivityIndicator color={palette.accent} />
      <Words colour={palette.textMuted}>{text}</Words>
    </View>
  );
}

/** Something failed: what, and the way on. */
export function ErrorState(props: { text: string; action?: { label: string; onPress: () => void } }) {
  const { palette } = useTheme();
  return (
    <View style={middle} accessibilityRole="alert">
      <Icon name="alert" colour={palette.danger} size={48} />
      <Words size="heading" heading align="center">
        {t.error.title}
      </Words>
      <Words colour={palette.textMuted} align="center">
        {props.text}
      </Words>
      {props.action && <Button kind="primary" label={props.action.label} onPress={props.action.onPress} />}
    </View>
  );
}
