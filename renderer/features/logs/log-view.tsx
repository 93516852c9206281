import { SegmentedControl } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import { useHostState, useOnline } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { bytes } from '../../ui/format.ts';
import { Card, Failure } from '../../ui/parts.tsx';
import { EverywhereResults } from './everywhere-results.tsx';
import type { LogPages, Streams } from './log-pages.ts';
import { LogRows } from './log-rows.tsx';
import { LogToolbar, type LogOptions } from './log-toolbar.tsx';
import { SearchBar } from './search-bar.tsx';
import { useLogPages } from './use-log-pages.ts';
import { useLogSearch } from './use-log-search.ts';

const t = en.logs;
const STREAMS: readonly Streams[] = ['both', 'stdout', 'stderr'];

export interface LogViewProps {
  readonly name: string;
  /** The line to begin at instead of following. */
  readonly line?: number | null;
  /** A line in the log of another process was chosen. */
  onOpen(name: string, line: number): void;
}

/** What a process printed: any number of lines, followed as they come, searched over all that is kept. */
export function LogView({ name, line = null, onOpen }: LogViewProps) {
  const [streams, setStreams] = useState<Streams>('both');
  const [following, setFollowing] = useState(line === null);
  const [options, setOptions] = useState<LogOptions>({ time: false, wrap: false });
  const [target, setTarget] = useState<{ line: number } | null>(line === null ? null : { line });
  const pages = useLogPages(name, streams);
  const field = useRef<HTMLInputElement>(null);
  const follow = (next: boolean) => {
    setFollowing(next);
    if (next) setTarget(null);
  };
  const show = (found: number) => {
    setFollowing(false);
    setTarget({ line: found });
  };
  const search = useLogSearch(name, streams, show);
  useEffect(() => pages?.setFollowing(following), [pages, following]);
  const choose = (value: string) => {
    setStreams(STREAMS.find((known) => known === value) ?? 'both');
    // Lines are counted anew for each choice of streams.
    follow(true);
  };
  return (
    <div
      role="presentation"
      onKeyDown={(event) => {
        // Most lines are not in the page: the browser's own search would not find them.
        if (event.key.toLowerCase() !== 'f' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        field.current?.select();
      }}
    >
      <Card
        title={t.title(name)}
        flush
        actions={
          <SegmentedControl
            aria-label={t.stream}
            value={streams}
            onChange={choose}
            data={STREAMS.map((value) => ({ value, label: t[value] }))}
          />
        }
      >
        <SearchBar search={search} field={field} />
        <LogToolbar
          following={following}
          onFollow={follow}
          options={options}
          onOptions={setOptions}
          extent={pages?.extent() ?? null}
        />
        <Lost name={name} />
        {search.everywhere && (
          <EverywhereResults
            search={search}
            onOpen={(of, number) => (of === name && streams === 'both' ? show(number) : onOpen(of, number))}
          />
        )}
        <LogBody
          {...{ name, streams, pages, following, target, search }}
          options={options}
          onFollow={follow}
        />
      </Card>
    </div>
  );
}

/** What is in no log, because it could not be written. */
function Lost({ name }: { name: string }) {
  const lost = useHostState((state) => state.processes[name]?.logsLost ?? 0);
  if (lost === 0) return null;
  return (
    <p className="log-note" data-tone="warning" role="status">
      {t.lost(bytes(lost))}
    </p>
  );
}

interface LogBodyProps {
  readonly name: string;
  readonly streams: Streams;
  readonly pages: LogPages | null;
  readonly following: boolean;
  onFollow(following: boolean): void;
  readonly target: { readonly line: number } | null;
  readonly options: LogOptions;
  readonly search: ReturnType<typeof useLogSearch>;
}

function LogBody(props: LogBodyProps) {
  const { name, streams, pages, search, options } = props;
  const online = useOnline();
  const extent = pages?.extent() ?? null;
  const error = pages?.error() ?? null;
  const count = extent ? extent.end - extent.first : 0;
  return (
    <>
      {!online && (
        <p className="log-note" role="status">
          {extent ? t.offline : t.offlineEmpty}
        </p>
      )}
      {online && error && pages && <Broken error={error} onRetry={() => pages.again()} />}
      {extent && count === 0 && <p className="log-empty">{streams === 'both' ? t.empty : t.emptyStream}</p>}
      {!extent && online && !error && <p className="log-empty">{t.loading}</p>}
      {pages && extent && count > 0 && (
        <LogRows
          key={streams}
          name={name}
          pages={pages}
          extent={extent}
          following={props.following}
          onFollow={props.onFollow}
          target={props.target}
          options={{ ...options, streams: streams === 'both' }}
          hit={search.hit}
          mark={search.mark}
        />
      )}
    </>
  );
}

function Broken({ error, onRetry }: { error: WireError; onRetry: () => void }) {
  return (
    <div className="log-note">
      <Failure error={{ ...error, message: t.failed(error.message) }} onRetry={onRetry} />
    </div>
  );
}
