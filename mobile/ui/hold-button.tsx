import { useEffect, useRef, useState } from 'react';
import { Animated, Pressable, View } from 'react-native';
import { spacing } from '../../contract/design/tokens.ts';
import { Button, buttonColours, buttonShape } from './button.tsx';
import { Icon } from './icon.tsx';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** How long a risky approval must be held, in milliseconds. */
export const HOLD_MS = 1200;

/**
 * A button that acts only after being held. Keyboards and screen readers cannot hold: a short press shows a second
 * button, elsewhere on the screen, that has to be pressed on purpose.
 */
export function HoldButton(props: {
  label: string;
  hint: string;
  onHeld: () => void;
  /** The words of the second button and what stands over it. */
  confirm: { readonly label: string; readonly text: string };
  disabled?: boolean;
}) {
  const { palette, reducedMotion } = useTheme();
  const colours = buttonColours(palette, 'danger');
  const progress = useRef(new Animated.Value(0)).current;
  const [held, setHeld] = useState(false);
  const [asking, setAsking] = useState(false);
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
    <View style={{ gap: spacing.sm }}>
      {asking && !off && (
        <View style={{ gap: spacing.sm }} accessibilityLiveRegion="polite">
          <Words size="caption">{props.confirm.text}</Words>
          <Button
            kind="danger"
            label={props.confirm.label}
            onPress={() => {
              setAsking(false);
              props.onHeld();
            }}
          />
        </View>
      )}
      <Pressable
        accessibilityRole="button"
        accessibilityLabel={props.label}
        accessibilityHint={props.hint}
        accessibilityState={{ disabled: off }}
        disabled={off}
        delayLongPress={HOLD_MS}
        onPressIn={() => {
          setHeld(true);
        }}
        onPressOut={() => {
          setHeld(false);
        }}
        onPress={() => {
          setAsking(true);
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
    </View>
  );
}
