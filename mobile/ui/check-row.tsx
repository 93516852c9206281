import { Pressable, View } from 'react-native';
import { radii, spacing, targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A row that can be ticked. A tick marks it as well as a colour. */
export function CheckRow(props: {
  title: string;
  subtitle?: string;
  checked: boolean;
  disabled?: boolean;
  onToggle: () => void;
}) {
  const { palette } = useTheme();
  const { checked, disabled = false } = props;
  return (
    <Pressable
      accessibilityRole="checkbox"
      accessibilityLabel={props.title}
      {...(props.subtitle !== undefined && { accessibilityHint: props.subtitle })}
      accessibilityState={{ checked, disabled }}
      disabled={disabled}
      aria-checked={checked}
      onPress={props.onToggle}
      style={{
        minHeight: targets.touch,
        flexDirection: 'row',
        alignItems: 'center',
        gap: spacing.md,
        paddingHorizontal: spacing.lg,
        paddingVertical: spacing.md,
        borderRadius: radii.lg,
        borderWidth: 1,
        borderColor: checked ? palette.accent : palette.border,
        backgroundColor: palette.surface,
        opacity: disabled ? 0.5 : 1,
      }}
    >
      <View
        style={{
          width: 24,
          height: 24,
          alignItems: 'center',
          justifyContent: 'center',
          borderRadius: radii.sm,
          borderWidth: 2,
          borderColor: checked ? palette.accent : palette.borderStrong,
        }}
      >
        {checked && <Icon name="check" colour={palette.accent} size={16} />}
      </View>
      <View style={{ flex: 1, gap: spacing.xs }}>
        <Words size="bodyStrong" lines={2}>
          {props.title}
        </Words>
        {props.subtitle !== undefined && (
          <Words size="caption" colour={palette.textMuted} lines={2}>
            {props.subtitle}
          </Words>
        )}
      </View>
    </Pressable>
  );
}
