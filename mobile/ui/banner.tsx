import { View } from 'react-native';
import { spacing, toneColours } from '../../contract/design/tokens.ts';
import type { Tone } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A strip over the content that says something about all of it; screen readers announce its changes. */
export function Banner({ icon, text, tone }: { icon: IconName; text: string; tone: Tone }) {
  const { palette } = useTheme();
  const colours = toneColours(palette, tone);
  return (
    <View
      accessibilityLiveRegion="polite"
      style={{
        flexDirection: 'row',
        alignItems: 'center',
        gap: spacing.sm,
        paddingHorizontal: spacing.lg,
        paddingVertical: spacing.sm,
        backgroundColor: colours.surface,
      }}
    >
      <Icon name={icon} colour={colours.text} />
      <View style={{ flex: 1 }}>
        <Words size="caption" colour={colours.text}>
          {text}
        </Words>
      </View>
    </View>
  );
}
