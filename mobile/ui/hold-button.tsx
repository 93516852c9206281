import { useEffect, useRef, useState } from 'react';
import { Animated, Pressable, View } from 'react-native';
import { buttonColours, buttonShape } from './button.tsx';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** How long a risky approval must be held, in milliseconds. */
export const HOLD_MS = 1200;

/**
 * A button that acts only after being held. Screen readers cannot hold: for them the action "activate" counts, since
 * reading the label out and confirming it is at least as deliberate.
 */
export function HoldButton(props: { label: string; hint: string; onHeld: () => void; disabled?: boolean }) {
  const { palette, reducedMotion } = useTheme();
  const colours = buttonColours(palette, 'danger');
  const progress = useRef(new Animated.Value(0)).current;
  const [held, setHeld] = useState(false);
  const off = props.disabled === true;

  useEffect(() => {
    if (!held) {
      progress.setValue(0);
      return undefined;
    }
    const filling = Animated.timing(progress, { toValue: 1, duration: HOLD_MS, useNativeDriver: false });
    // The bar shows how long is left, so it stays under reduced motion, without the movement in between.
    if (reducedMotion) progress.setValue(1);
    else filling.start();
    return () => {
      filling.stop();
    };
  }, [held, progress, reducedMotion]);

  const width = progress.interpolate({ inputRange: [0, 1], outputRange: ['0%', '100%'] });
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityLabel={props.label}
      accessibilityHint={props.hint}
      accessibilityState={{ disabled: off }}
      accessibilityActions={[{ name: 'activate', label: props.label }]}
      onAccessibilityAction={() => {
        if (!off) props.onHeld();
      }}
      disabled={off}
      delayLongPress={HOLD_MS}
      onPressIn={() => {
        setHeld(true);
      }}
      onPressOut={() => {
        setHeld(false);
      }}
      onLongPress={props.onHeld}
      style={[
        buttonShape,
        {
          overflow: 'hidden',
          borderWidth: 1,
          borderColor: colours.edge,
          backgroundColor: colours.back,
          opacity: off ? 0.5 : 1,
        },
      ]}
    >
      <Animated.View
        style={{
          position: 'absolute',
          left: 0,
          top: 0,
          bottom: 0,
          width,
          backgroundColor: palette.dangerSurface,
        }}
      />
      <Icon name="shield" colour={colours.text} />
      <View style={{ flexShrink: 1 }}>
        <Words size="bodyStrong" colour={colours.text} align="center">
          {props.label}
        </Words>
      </View>
    </Pressable>
  );
}
