import type { ReactNode } from 'react';
import { Pressable, View } from 'react-native';
import type { ViewStyle } from 'react-native';
import { radii, spacing, targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

const layout: ViewStyle = {
  minHeight: targets.touch,
  flexDirection: 'row',
  alignItems: 'center',
  gap: spacing.md,
  paddingHorizontal: spacing.lg,
  paddingVertical: spacing.md,
  borderRadius: radii.lg,
  borderWidth: 1,
};

/** A row of a list: title, an optional second line, badges below, something at the end. Pressable when it leads somewhere. */
export function ListRow(props: {
  title: string;
  subtitle?: string;
  badges?: ReactNode;
  end?: ReactNode;
  onPress?: () => void;
  hint?: string;
}) {
  const { palette } = useTheme();
  const body = (
    <>
      <View style={{ flex: 1, gap: spacing.xs }}>
        <Words size="bodyStrong" lines={2}>
          {props.title}
        </Words>
        {props.subtitle !== undefined && (
          <Words size="caption" colour={palette.textMuted} lines={2}>
            {props.subtitle}
          </Words>
        )}
        {props.badges !== undefined && (
          <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: spacing.xs }}>{props.badges}</View>
        )}
      </View>
      {props.end}
      {props.onPress && <Icon name="chevron" colour={palette.textMuted} />}
    </>
  );
  const colours = { backgroundColor: palette.surface, borderColor: palette.border };
  if (!props.onPress) return <View style={[layout, colours]}>{body}</View>;
  return (
    <Pressable
      accessibilityRole="button"
      {...(props.hint !== undefined && { accessibilityHint: props.hint })}
      onPress={props.onPress}
      style={({ pressed }) => [layout, colours, pressed && { backgroundColor: palette.surfaceStrong }]}
    >
      {body}
    </Pressable>
  );
}
