import { ScrollView, View } from 'react-native';
import { radii, spacing } from '../../contract/design/tokens.ts';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/**
 * Makes what cannot be seen visible: control characters, line breaks inside an argument, and characters that reorder
 * or hide text, all of which could make a command look like another one.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for text of several lines: line breaks and tabs stay what they are. */
export function visibleText(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('');
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
