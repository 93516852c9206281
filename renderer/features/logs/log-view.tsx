import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useOnline } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { Card } from '../../ui/parts.tsx';
import { EverywhereResults } from './everywhere-results.tsx';
import type { LogPages, Streams } from './log-pages.ts';
import { LogRows } from './log-rows.tsx';
import { SearchBar } from './search-bar.tsx';
import { useLogPages } from './use-log-pages.ts';
import { useLogSearch } from './use-log-search.ts';

const t = en.logs;

/** What a process printed: any number of lines, followed as they come, searched over all that is kept. */
export function LogView({ name, line = null }: { name: string; line?: number | null }) {
  const [streams, setStreams] = useState<Streams>('both');
  const online = useOnline();
  const pages = useLogPages(name, streams);
  return (
    <Card
      title={t.title(name)}
      flush
      actions={
        <SegmentedControl
          aria-label={t.stream}
          value={streams}
          onChange={(value) =>
            setStreams(value === 'stderr' ? 'stderr' : value === 'stdout' ? 'stdout' : 'both')
          }
          data={[
            { value: 'both', label: t.both },
            { value: 'stdout', label: t.stdout },
            { value: 'stderr', label: t.stderr },
          ]}
        />
      }
    >
      {pages ? (
        <LogBody key={streams} name={name} streams={streams} pages={pages} line={line} />
      ) : (
        <p className="log-empty">{online ? t.loading : t.offline}</p>
      )}
    </Card>
  );
}

function LogBody({
  name,
  streams,
  pages,
  line,
}: {
  name: string;
  streams: Streams;
  pages: LogPages;
  line: number | null;
}) {
  const [following, setFollowing] = useState(line === null);
  const [options, setOptions] = useState({ time: false, wrap: false });
  const search = useLogSearch(name, streams, (found) => {
    setFollowing(false);
    pages.setFollowing(false);
    setTarget({ line: found });
  });
  const [target, setTarget] = useState<{ line: number } | null>(line === null ? null : { line });
  const follow = (next: boolean) => {
    setFollowing(next);
    pages.setFollowing(next);
  };
  const extent = pages.extent();
  const error = pages.error();
  const count = extent ? extent.end - extent.first : 0;
  const toggle = (key: 'time' | 'wrap', label: string) => (
    <button
      type="button"
      className="plain-button"
      aria-pressed={options[key]}
      onClick={() => setOptions({ ...options, [key]: !options[key] })}
    >
      {label}
    </button>
  );
  return (
    <>
      <SearchBar search={search} />
      <div className="log-bar">
        <button
          type="button"
          className="plain-button"
          aria-pressed={following}
          onClick={() => follow(!following)}
        >
          <Icon name={following ? 'pause' : 'play'} /> {following ? t.pause : t.follow}
        </button>
        {toggle('time', t.time)}
        {toggle('wrap', t.wrap)}
        <span className="muted" role="status">
          {error ? t.failed(error.message) : t.lines(count)}
          {extent && extent.first > 0 && ` · ${t.dropped(extent.first)}`}
        </span>
      </div>
      {search.everywhere && <EverywhereResults search={search} current={name} />}
      {extent && count === 0 && <p className="log-empty">{t.empty}</p>}
      {!extent && !error && <p className="log-empty">{t.loading}</p>}
      {extent && count > 0 && (
        <LogRows
          name={name}
          pages={pages}
          extent={extent}
          following={following}
          onFollow={follow}
          target={target}
          options={{ ...options, streams: streams === 'both' }}
          hit={search.hit}
          mark={search.mark}
        />
      )}
    </>
  );
}
