import { memo } from 'react';
import type { LogLine } from '../../../contract/process-logs.ts';
import { en } from '../../texts/en.ts';
import { ansiParts, type AnsiPart } from '../../ui/ansi-parts.ts';
import type { Mark } from './mark-text.ts';
import { markText } from './mark-text.ts';

const t = en.logs;

export interface LogLineProps {
  readonly index: number;
  /** As people count: from 1. */
  readonly number: number;
  /** Not there yet: it is being fetched. */
  readonly line: LogLine | undefined;
  readonly showTime: boolean;
  readonly showStream: boolean;
  readonly isHit: boolean;
  readonly mark: Mark | null;
}

/** One row of the log; drawn again only when what it shows has changed. */
export const LogLineRow = memo(function LogLineRow(props: LogLineProps) {
  const { index, number, line, showTime, showStream, isHit, mark } = props;
  const isError = line?.stream === 'stderr';
  return (
    <div
      className="log-row"
      role="row"
      aria-rowindex={index + 1}
      data-hit={isHit || undefined}
      aria-current={isHit || undefined}
    >
      <span className="log-number" role="rowheader">
        {number}
      </span>
      {showTime && (
        <span className="log-time" role="cell">
          {line ? line.at.slice(11, 23) : ''}
        </span>
      )}
      {showStream && (
        <span className="log-stream" role="cell" data-stream={line?.stream}>
          {line ? (isError ? t.errMark : t.outMark) : ''}
        </span>
      )}
      <span className="log-text" role="cell">
        {line
          ? ansiParts(line.text).map((part, at) => <Part key={at} part={part} mark={mark} />)
          : t.fetching}
        {line?.cut && <span className="log-cut"> {t.cut}</span>}
      </span>
    </div>
  );
});

function Part({ part, mark }: { part: AnsiPart; mark: Mark | null }) {
  const text = mark === null ? part.text : markText(part.text, mark).map(showPiece);
  if (part.colour === null && !part.bold) return <>{text}</>;
  return (
    <span data-ansi={part.colour ?? undefined} data-bold={part.bold || undefined}>
      {text}
    </span>
  );
}

function showPiece({ text, isMarked }: { text: string; isMarked: boolean }, at: number) {
  return isMarked ? <mark key={at}>{text}</mark> : text;
}
