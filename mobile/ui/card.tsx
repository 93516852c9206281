import type { ReactNode } from 'react';
import { View } from 'react-native';
import { radii, spacing } from '../../contract/design/tokens.ts';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A box with an optional heading. */
export function Card({ title, children }: { title?: string; children: ReactNode }) {
  const { palette } = useTheme();
  return (
    <View
      style={{
        backgroundColor: palette.surface,
        borderColor: palette.border,
        borderWidth: 1,
        borderRadius: radii.lg,
        padding: spacing.lg,
        gap: spacing.sm,
      }}
    >
      {title !== undefined && (
        <Words size="heading" heading>
          {title}
        </Words>
      )}
      {children}
    </View>
  );
}
