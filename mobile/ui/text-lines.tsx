import { FlashList } from '@shopify/flash-list';
import type { FlashListRef } from '@shopify/flash-list';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { ReactElement } from 'react';
import { Text, View } from 'react-native';
import { spacing, type as typeScale } from '../../contract/design/tokens.ts';
import { codeFont } from './code-font';
import { plainLine } from './plain-line.ts';
import { useTheme } from './theme.tsx';

const Line = memo(function Line({ line }: { line: string }) {
  const { palette } = useTheme();
  const { line: lineHeight, size: fontSize } = typeScale.code;
  const { cut, text } = plainLine(line);
  return (
    <View style={{ paddingHorizontal: spacing.md, backgroundColor: palette.codeSurface }}>
      <Text
        selectable
        maxFontSizeMultiplier={2}
        style={{ color: palette.codeText, fontFamily: codeFont, fontSize, lineHeight }}
      >
        {text === '' ? ' ' : text}
        {cut && <Text style={{ color: palette.codeMuted }}>{' …'}</Text>}
      </Text>
    </View>
  );
});

/** The lines of a text that ends with a line break or not. Pure. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** A long text of a program, line by line; only what is on the screen is drawn. `atEnd`: its end stays in sight. */
export function TextLines(props: { text: string; atEnd: boolean; above: ReactElement; empty: ReactElement }) {
  const { palette } = useTheme();
  const list = useRef<FlashListRef<string>>(null);
  const { atEnd, text } = props;
  const lines = useMemo(() => linesOf(text), [text]);
  useEffect(() => {
    if (atEnd && lines.length > 0) void list.current?.scrollToEnd({ animated: false });
  }, [atEnd, lines]);
  return (
    <FlashList
      ref={list}
      data={lines}
      keyExtractor={(_line, index) => String(index)}
      style={{ backgroundColor: lines.length > 0 ? palette.codeSurface : palette.background }}
      ListHeaderComponent={
        <View style={{ padding: spacing.lg, backgroundColor: palette.background }}>{props.above}</View>
      }
      ListEmptyComponent={<View style={{ paddingHorizontal: spacing.lg }}>{props.empty}</View>}
      ListFooterComponent={<View style={{ height: spacing.md }} />}
      renderItem={({ item }) => <Line line={item} />}
    />
  );
}
