import { Pressable, View } from 'react-native';
import type { ViewStyle } from 'react-native';
import { radii, spacing, targets } from '../../contract/design/tokens.ts';
import type { Palette } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

export type ButtonKind = 'primary' | 'plain' | 'danger';

export const buttonShape: ViewStyle = {
  minHeight: targets.touch,
  minWidth: targets.touch,
  borderRadius: radii.md,
  paddingHorizontal: spacing.lg,
  paddingVertical: spacing.sm,
  flexDirection: 'row',
  alignItems: 'center',
  justifyContent: 'center',
  gap: spacing.sm,
};

export function buttonColours(
  palette: Palette,
  kind: ButtonKind,
): { back: string; text: string; edge: string } {
  if (kind === 'primary') return { back: palette.accent, text: palette.onAccent, edge: palette.accent };
  if (kind === 'danger') return { back: palette.surface, text: palette.danger, edge: palette.danger };
  return { back: palette.surface, text: palette.text, edge: palette.borderStrong };
}

/** A button with a word on it, at least 44 points high. `hint` tells screen readers what will happen. */
export function Button(props: {
  label: string;
  onPress: () => void;
  kind?: ButtonKind;
  icon?: IconName;
  disabled?: boolean;
  busy?: boolean;
  hint?: string;
  testID?: string;
}) {
  const { palette } = useTheme();
  const colours = buttonColours(palette, props.kind ?? 'plain');
  const off = props.disabled === true || props.busy === true;
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityLabel={props.label}
      accessibilityState={{ disabled: off, busy: props.busy === true }}
      disabled={off}
      onPress={props.onPress}
      {...(props.hint !== undefined && { accessibilityHint: props.hint })}
      {...(props.testID !== undefined && { testID: props.testID })}
      style={({ pressed }) => [
        buttonShape,
        {
          backgroundColor: colours.back,
          borderColor: colours.edge,
          borderWidth: 1,
          opacity: off ? 0.5 : pressed ? 0.8 : 1,
        },
      ]}
    >
      {props.icon && <Icon name={props.icon} colour={colours.text} />}
      <View style={{ flexShrink: 1 }}>
        <Words size="bodyStrong" colour={colours.text} align="center">
          {props.label}
        </Words>
      </View>
    </Pressable>
  );
}
