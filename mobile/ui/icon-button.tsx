import { Pressable } from 'react-native';
import { targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import { useTheme } from './theme.tsx';

/** A button that is only an icon, for bars; 44 points square, with its word for screen readers. */
export function IconButton({ icon, label, onPress }: { icon: IconName; label: string; onPress: () => void }) {
  const { palette } = useTheme();
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityLabel={label}
      onPress={onPress}
      style={{ width: targets.touch, height: targets.touch, alignItems: 'center', justifyContent: 'center' }}
    >
      <Icon name={icon} colour={palette.text} size={24} />
    </Pressable>
  );
}
