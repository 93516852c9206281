import { markdownBlocks, type Block, type Inline } from './markdown-lite.ts';
import { SafeText } from './safe-text.tsx';

const LONGEST = 100_000;

/** An agent's words: structure from a small part of Markdown, text nodes only, nothing to click. */
export function RichText({ text }: { text: string }) {
  return (
    <div className="rich-text">
      {markdownBlocks(text.slice(0, LONGEST)).map((block, i) => (
        <BlockView key={i} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'code':
      return (
        <pre className="code-block">
          <SafeText text={block.text} keep={'\n\t'} />
        </pre>
      );
    case 'list': {
      const items = block.items.map((inlines, i) => (
        <li key={i}>
          <Inlines inlines={inlines} />
        </li>
      ));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'quote':
      return (
        <blockquote>
          <Inlines inlines={block.inlines} />
        </blockquote>
      );
    case 'heading':
      return (
        <p className="rich-heading">
          <Inlines inlines={block.inlines} />
        </p>
      );
    case 'paragraph':
      return (
        <p>
          <Inlines inlines={block.inlines} />
        </p>
      );
  }
}

function Inlines({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map((inline, i) => {
    const text = <SafeText text={inline.text} keep={'\n'} />;
    if (inline.kind === 'code') return <code key={i}>{text}</code>;
    if (inline.kind === 'strong') return <strong key={i}>{text}</strong>;
    if (inline.kind === 'emphasis') return <em key={i}>{text}</em>;
    if (inline.kind !== 'link') return <span key={i}>{text}</span>;
    return (
      <span key={i}>
        {text}{' '}
        <code className="inert-link">
          ‹<SafeText text={inline.address} />›
        </code>
      </span>
    );
  });
}
