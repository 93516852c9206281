import { Text, View } from 'react-native';
import { spacing } from '../../contract/design/tokens.ts';
import { codeFont } from './code-font';
import { Code } from './code.tsx';
import { readSpans } from './inline-marks.ts';
import { readBlocks } from './text-blocks.ts';
import { Words } from './words.tsx';

function Spans({ text }: { text: string }) {
  return readSpans(text).map(({ kind, text: words }, index) => {
    if (kind === 'plain') return words;
    const style = kind === 'bold' ? ({ fontWeight: '600' } as const) : { fontFamily: codeFont };
    return (
      <Text key={index} style={style}>
        {words}
      </Text>
    );
  });
}

/** Text of an agent: headings, lists, code and what is bold are told apart; nothing in it is a link, a picture or HTML. */
export function RichText({ text }: { text: string }) {
  return (
    <View style={{ gap: spacing.xs }}>
      {readBlocks(text).map((block, index) => {
        if (block.kind === 'code') return <Code key={index} lines={block.lines} />;
        const bold = block.kind === 'heading';
        return (
          <Words key={index} selectable size={bold ? 'bodyStrong' : 'body'}>
            <Spans text={block.text} />
          </Words>
        );
      })}
    </View>
  );
}
