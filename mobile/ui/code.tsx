import { ScrollView, View } from 'react-native';
import { radii, spacing } from '../../contract/design/tokens.ts';
import { visibleText as nameHidden } from '../../contract/visible-text.ts';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/**
 * Makes what cannot be seen visible, for text of one line: control characters and characters that reorder or hide text,
 * all of which could make a command look like another one, stand there by name.
 */
export function visible(text: string): string {
  return nameHidden(text);
}

/** The same for text of several lines: line breaks and tabs stay what they are. */
export function visibleText(text: string): string {
  return nameHidden(text.replaceAll('\r\n', '\n'), '\n\t');
}

/** Code, one line an entry; scrolls sideways instead of wrapping, so that a line stays a line. */
export function Code({ lines, label }: { lines: readonly string[]; label?: string }) {
  const { palette } = useTheme();
  return (
    <View style={{ backgroundColor: palette.codeSurface, borderRadius: radii.md }}>
      <ScrollView horizontal contentContainerStyle={{ padding: spacing.md }} tabIndex={0}>
        <View
          accessible
          {...(label !== undefined && { accessibilityLabel: `${label}: ${visible(lines.join(' '))}` })}
        >
          {lines.map((line, index) => (
            <Words key={index} size="code" colour={palette.codeText} selectable>
              {line === '' ? ' ' : visible(line)}
            </Words>
          ))}
        </View>
      </ScrollView>
    </View>
  );
}
