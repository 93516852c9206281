import { SegmentedControl, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { LogStreamName } from '../../../contract/supervisor.ts';
import { useFollow } from '../../host/use-follow.ts';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { Card } from '../../ui/parts.tsx';
import { createLogRing, type LogRing } from '../../ui/log-ring.ts';

const t = en.logs;
const LIMITS = { lines: 200_000, characters: 64_000_000 };
const NEWEST_BYTES = 4_194_304;
const LINE = 20;
const FRAME_MS = 50;

/** One stream of one process: the newest lines in bounded memory, drawn only where they are looked at. */
export function LogView({ name }: { name: string }) {
  const [stream, setStream] = useState<LogStreamName>('stdout');
  return (
    <Card
      title={t.title(name)}
      flush
      actions={
        <SegmentedControl
          aria-label={t.stream}
          value={stream}
          onChange={(value) => setStream(value === 'stderr' ? 'stderr' : 'stdout')}
          data={[
            { value: 'stdout', label: t.stdout },
            { value: 'stderr', label: t.stderr },
          ]}
        />
      }
    >
      <LogBody key={stream} name={name} stream={stream} />
    </Card>
  );
}

function LogBody({ name, stream }: { name: string; stream: LogStreamName }) {
  const ring = useMemo(() => createLogRing(LIMITS), []);
  const [following, setFollowing] = useState(true);
  const [filter, setFilter] = useState('');
  const [ended, setEnded] = useState<string | null>(null);
  const version = useStreamInto(ring, name, stream, setEnded);
  const matches = useMemo(() => (filter === '' ? null : ring.find(filter)), [ring, filter, version]);
  const count = matches?.length ?? ring.size;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 30,
  });
  useEffect(() => {
    if (following && count > 0) rows.scrollToIndex(count - 1, { align: 'end' });
  }, [following, count, version, rows]);

  return (
    <>
      <div className="log-bar">
        <TextInput
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          leftSection={<Icon name="search" />}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <button
          type="button"
          className="plain-button"
          aria-pressed={following}
          onClick={() => setFollowing(!following)}
        >
          <Icon name={following ? 'pause' : 'play'} /> {following ? t.pause : t.follow}
        </button>
        <span className="muted" role="status">
          {matches ? t.matches(count, ring.size) : t.lines(count)}
          {ring.dropped > 0 && ` · ${t.dropped(ring.dropped)}`}
        </span>
      </div>
      <div
        ref={box}
        className="log"
        role="log"
        aria-label={t.title(name)}
        aria-live="off"
        tabIndex={0}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollowing(false);
        }}
        onKeyDown={(event) => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) setFollowing(false);
          if (event.key === 'End') setFollowing(true);
        }}
      >
        {count === 0 && (
          <p className="log-empty">{filter !== '' ? t.noMatch : ended === null ? t.empty : t.ended(ended)}</p>
        )}
        <div className="log-lines" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const index = matches?.[row.index] ?? row.index;
            return (
              <div key={row.key} className="log-line" style={{ transform: `translateY(${row.start}px)` }}>
                <span className="log-number">{ring.dropped + index + 1}</span>
                {ring.at(index)}
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}

/** Fills the ring; at most twenty times a second the screen hears of it, however fast the process writes. */
function useStreamInto(
  ring: LogRing,
  name: string,
  stream: LogStreamName,
  onEnded: (reason: string | null) => void,
): number {
  const [version, bump] = useReducer((before: number) => before + 1, 0);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const source = useMemo(() => ({ kind: 'log', name, stream }) as const, [name, stream]);
  useFollow(source, -NEWEST_BYTES, {
    chunk(chunk, restarted) {
      if (restarted) ring.clear();
      // A start in the middle of the file is most likely the middle of a line as well.
      const cut = restarted && chunk.offset > 0 ? chunk.text.indexOf('\n') + 1 : 0;
      ring.push(chunk.text.slice(cut));
      onEnded(null);
      if (timer.current !== 0) return;
      timer.current = window.setTimeout(() => {
        timer.current = 0;
        bump();
      }, FRAME_MS);
    },
    ended: onEnded,
  });
  return version;
}
