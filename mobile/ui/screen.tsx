import type { ReactNode } from 'react';
import { ScrollView, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { spacing } from '../../contract/design/tokens.ts';
import { useTheme } from './theme.tsx';

/** The area of a screen. `fixed` for screens whose content scrolls by itself (lists) or must fill the height. */
export function Screen(props: {
  children: ReactNode;
  banner?: ReactNode;
  footer?: ReactNode;
  fixed?: boolean;
}) {
  const { palette } = useTheme();
  const insets = useSafeAreaInsets();
  const sides = { paddingLeft: insets.left, paddingRight: insets.right };
  return (
    <View style={[{ flex: 1, backgroundColor: palette.background }, sides]}>
      {props.banner}
      {props.fixed === true ? (
        <View style={{ flex: 1 }}>{props.children}</View>
      ) : (
        <ScrollView
          keyboardShouldPersistTaps="handled"
          contentContainerStyle={{ padding: spacing.lg, gap: spacing.md, flexGrow: 1 }}
        >
          {props.children}
        </ScrollView>
      )}
      {props.footer !== undefined && (
        <View
          style={{
            padding: spacing.lg,
            paddingBottom: spacing.lg + insets.bottom,
            gap: spacing.sm,
            borderTopWidth: 1,
            borderTopColor: palette.border,
            backgroundColor: palette.surface,
          }}
        >
          {props.footer}
        </View>
      )}
    </View>
  );
}
