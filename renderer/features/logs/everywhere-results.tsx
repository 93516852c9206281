import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { plainLine } from '../../ui/ansi.ts';
import type { LogSearch } from './use-log-search.ts';

const t = en.logs;

/** Lines of all processes that fit, newest last in each; a name leads to its log. */
export function EverywhereResults({ search, current }: { search: LogSearch; current: string }) {
  if (search.results.length === 0) return null;
  return (
    <div className="log-results" tabIndex={0} role="region" aria-label={t.everywhereTitle}>
      {search.results.map(({ name, hits, lines, next }) => (
        <section key={name}>
          <h3>
            {name === current ? name : <a href={hrefOf('processes', name)}>{name}</a>}{' '}
            <span className="muted">{next === null ? t.found(hits.length) : t.foundMore(hits.length)}</span>
          </h3>
          <ul>
            {lines.map((line) => (
              <li key={line.number}>
                <span className="log-number">{line.number + 1}</span> {plainLine(line.text)}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
