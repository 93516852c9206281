import { useState } from 'react';
import type { ReactNode } from 'react';
import { Pressable, View } from 'react-native';
import { spacing, targets } from '../../contract/design/tokens.ts';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** A line that opens to what stands behind it. `said`: how its state is told to who does not see it. */
export function Fold(props: {
  title: string;
  /** What the button does when it is folded, and when it is open. */
  said: { readonly open: string; readonly close: string };
  badge?: ReactNode;
  /** In sight only while it is folded. */
  below?: string;
  startsOpen?: boolean;
  children: ReactNode;
}) {
  const { palette } = useTheme();
  const [open, setOpen] = useState(props.startsOpen === true);
  return (
    <View style={{ gap: spacing.sm }}>
      <Pressable
        accessibilityRole="button"
        accessibilityLabel={open ? props.said.close : props.said.open}
        accessibilityState={{ expanded: open }}
        aria-expanded={open}
        onPress={() => {
          setOpen(!open);
        }}
        style={{ minHeight: targets.touch, flexDirection: 'row', alignItems: 'center', gap: spacing.sm }}
      >
        <View style={{ transform: [{ rotate: open ? '90deg' : '0deg' }] }}>
          <Icon name="chevron" colour={palette.textMuted} size={16} />
        </View>
        <View style={{ flex: 1 }}>
          <Words size="bodyStrong" lines={2}>
            {props.title}
          </Words>
        </View>
        {props.badge !== undefined && <View style={{ alignSelf: 'center' }}>{props.badge}</View>}
      </Pressable>
      {!open && props.below !== undefined && <Words size="caption">{props.below}</Words>}
      {open && props.children}
    </View>
  );
}
