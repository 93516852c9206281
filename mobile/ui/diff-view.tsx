import { ScrollView, Text, View } from 'react-native';
import { radii, spacing, type as typeScale } from '../../contract/design/tokens.ts';
import type { Palette } from '../../contract/design/tokens.ts';
import { t } from '../texts/t.ts';
import { codeFont } from './code-font';
import { visible } from './code.tsx';
import { countDiff, readDiff } from './diff-lines.ts';
import type { DiffLine } from './diff-lines.ts';
import { useTheme } from './theme.tsx';
import { Words } from './words.tsx';

/** More lines than this are not drawn on a phone; the rest is counted. */
const MOST_LINES = 2000;

function coloursOf(palette: Palette, kind: DiffLine['kind']): { color: string; backgroundColor: string } {
  if (kind === 'added') return { color: palette.addedText, backgroundColor: palette.addedSurface };
  if (kind === 'removed') return { color: palette.removedText, backgroundColor: palette.removedSurface };
  const color = kind === 'same' ? palette.codeText : palette.codeMuted;
  return { color, backgroundColor: palette.codeSurface };
}

function spokenLine(line: DiffLine): string {
  if (line.kind === 'added') return `${t.diff.addedLine}: ${line.text.slice(1)}`;
  if (line.kind === 'removed') return `${t.diff.removedLine}: ${line.text.slice(1)}`;
  return line.text;
}

/** A unified diff. The `+` and `-` stay in front of the lines: colour is not the only sign. */
export function DiffView({ diff }: { diff: string }) {
  const { palette } = useTheme();
  const lines = readDiff(diff);
  const { added, removed } = countDiff(lines);
  const { size, line: lineHeight } = typeScale.code;
  return (
    <View style={{ gap: spacing.xs }}>
      <Words size="caption" colour={palette.textMuted}>
        {`${t.diff.added(added)}, ${t.diff.removed(removed)}`}
      </Words>
      <ScrollView
        horizontal
        contentContainerStyle={{ flexGrow: 1 }}
        tabIndex={0}
        style={{ backgroundColor: palette.codeSurface, borderRadius: radii.md }}
      >
        <View style={{ minWidth: '100%', paddingVertical: spacing.sm }}>
          {lines.slice(0, MOST_LINES).map((line, index) => (
            <Text
              key={index}
              selectable
              accessibilityLabel={spokenLine(line)}
              style={[
                { fontFamily: codeFont, fontSize: size, lineHeight, paddingHorizontal: spacing.md },
                coloursOf(palette, line.kind),
              ]}
            >
              {visible(line.text.replaceAll('\t', '    ')) || ' '}
            </Text>
          ))}
        </View>
      </ScrollView>
      {lines.length > MOST_LINES && <Words size="caption">{t.diff.cut(lines.length - MOST_LINES)}</Words>}
    </View>
  );
}
