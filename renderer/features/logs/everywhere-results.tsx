import type { LogLine } from '../../../contract/process-logs.ts';
import { en } from '../../texts/en.ts';
import { plainLine } from '../../ui/ansi.ts';
import { markText, type Mark } from './mark-text.ts';
import type { Found, LogSearch } from './use-log-search.ts';

const t = en.logs;

/** Lines of all processes that fit, with those around them, newest last in each; a line leads to its place. */
export function EverywhereResults(props: { search: LogSearch; onOpen(name: string, line: number): void }) {
  const { search, onOpen } = props;
  if (search.results.length === 0) return null;
  return (
    <div className="log-results" tabIndex={0} role="region" aria-label={t.everywhereTitle}>
      {search.results.map((found) => (
        <section key={found.name} aria-label={found.name}>
          <h3>
            {found.name}{' '}
            <span className="muted">
              {found.next === null ? t.found(found.hits.length) : t.foundMore(found.hits.length)}
            </span>
          </h3>
          <ul>
            {found.lines.map((line, at) => (
              <Result
                key={line.number}
                line={line}
                isHit={found.hits.includes(line.number)}
                isApart={isApart(found, at)}
                mark={search.mark}
                onOpen={() => onOpen(found.name, line.number)}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** Something is left out before this line. */
function isApart({ lines }: Found[number], at: number): boolean {
  const before = lines[at - 1];
  return before !== undefined && before.number + 1 !== lines[at]?.number;
}

function Result(props: {
  line: LogLine;
  isHit: boolean;
  isApart: boolean;
  mark: Mark | null;
  onOpen: () => void;
}) {
  const { line, isHit, mark } = props;
  const text = plainLine(line.text);
  return (
    <li data-hit={isHit || undefined} data-apart={props.isApart || undefined}>
      {isHit ? (
        <button
          type="button"
          className="cell-button log-number"
          aria-label={t.showLine(line.name, line.number + 1)}
          onClick={props.onOpen}
        >
          {line.number + 1}
        </button>
      ) : (
        <span className="log-number">{line.number + 1}</span>
      )}
      <span>
        {mark === null || !isHit
          ? text
          : markText(text, mark).map((piece, at) =>
              piece.isMarked ? <mark key={at}>{piece.text}</mark> : piece.text,
            )}
      </span>
    </li>
  );
}
