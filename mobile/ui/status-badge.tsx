import { View } from 'react-native';
import { radii, spacing, toneColours } from '../../contract/design/tokens.ts';
import type { Tone } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A state told three ways: icon, word, colour. */
export function StatusBadge({ icon, word, tone }: { icon: IconName; word: string; tone: Tone }) {
  const { palette } = useTheme();
  const colours = toneColours(palette, tone);
  return (
    <View
      style={{
        flexDirection: 'row',
        alignItems: 'center',
        alignSelf: 'flex-start',
        gap: spacing.xs,
        paddingHorizontal: spacing.sm,
        paddingVertical: spacing.xs,
        borderRadius: radii.pill,
        backgroundColor: colours.surface,
      }}
    >
      <Icon name={icon} colour={colours.text} size={16} />
      <Words size="caption" colour={colours.text}>
        {word}
      </Words>
    </View>
  );
}
