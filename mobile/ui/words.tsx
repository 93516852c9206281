import { Text } from 'react-native';
import type { AccessibilityRole, StyleProp, TextStyle } from 'react-native';
import type { ReactNode } from 'react';
import { type as typeScale } from '../../contract/design/tokens.ts';
import type { TypeName } from '../../contract/design/tokens.ts';
import { codeFont } from './code-font';
import { useTheme } from './theme.tsx';

/** All text of the app goes through here: a size of the scale, a colour of the palette, the system's font scaling. */
export function Words(props: {
  children: ReactNode;
  size?: TypeName;
  colour?: string;
  heading?: boolean;
  align?: 'center';
  lines?: number;
  selectable?: boolean;
  spoken?: string;
  testID?: string;
}) {
  const { palette } = useTheme();
  const { size, line, weight } = typeScale[props.size ?? 'body'];
  const style: StyleProp<TextStyle> = {
    color: props.colour ?? palette.text,
    fontSize: size,
    lineHeight: line,
    fontWeight: weight,
    ...(props.size === 'code' && { fontFamily: codeFont }),
    ...(props.align && { textAlign: props.align }),
  };
  const role: AccessibilityRole = props.heading ? 'header' : 'text';
  return (
    <Text
      style={style}
      maxFontSizeMultiplier={2}
      {...(props.heading && { accessibilityRole: role })}
      {...(props.lines !== undefined && { numberOfLines: props.lines })}
      {...(props.selectable && { selectable: true })}
      {...(props.spoken !== undefined && { accessibilityLabel: props.spoken })}
      {...(props.testID !== undefined && { testID: props.testID })}
    >
      {props.children}
    </Text>
  );
}
