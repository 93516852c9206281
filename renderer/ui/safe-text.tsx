import { visibleParts } from '../../contract/visible-text.ts';

/** Text that somebody else wrote, one line: what could deceive is named and marked. */
export function SafeText({ text, keep = '' }: { text: string; keep?: string }) {
  const parts = visibleParts(text, keep);
  if (parts.length === 1 && parts[0]?.kind === 'plain') return <bdi>{parts[0].text}</bdi>;
  return (
    <bdi>
      {parts.map((part, i) =>
        part.kind === 'plain' ? (
          part.text
        ) : (
          <mark key={i} className="named-character">
            {part.text}
          </mark>
        ),
      )}
    </bdi>
  );
}
