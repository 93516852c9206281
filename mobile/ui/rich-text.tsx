import { View } from 'react-native';
import { spacing } from '../../contract/design/tokens.ts';
import { Code } from './code.tsx';
import { readBlocks } from './text-blocks.ts';
import { Words } from './words.tsx';

/** Text of an agent: headings, lists and code blocks are told apart; nothing in it is a link, a picture or HTML. */
export function RichText({ text }: { text: string }) {
  return (
    <View style={{ gap: spacing.xs }}>
      {readBlocks(text).map((block, index) => {
        if (block.kind === 'code') return <Code key={index} lines={block.lines} />;
        const bold = block.kind === 'heading';
        return (
          <Words key={index} selectable size={bold ? 'bodyStrong' : 'body'}>
            {block.text}
          </Words>
        );
      })}
    </View>
  );
}
