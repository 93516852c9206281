import { Button } from '@mantine/core';
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { SessionId } from '../../../../contract/ids.ts';
import { useOnline } from '../../../host/use-host.tsx';
import { en } from '../../../texts/en.ts';
import { Icon } from '../../../ui/icons.tsx';
import { CopyButton, Empty, Failure, Loading } from '../../../ui/parts.tsx';
import { TimelineItemView, type Folds } from './timeline-items.tsx';
import type { TimelineItem } from './timeline-model.ts';
import { TimelineSearch } from './timeline-search.tsx';
import { copyText, findItems } from './timeline-text.ts';
import { useTimeline, type TimelineFeed } from './use-timeline.ts';

const t = en.timeline;
/** So close to the end counts as at the end, in pixels. */
const NEAR_END = 48;
const GUESSED_HEIGHT = 72;

/** A session as it happens and as it was, drawn only where it is looked at. */
export function TimelineView({ sessionId }: { sessionId: SessionId }) {
  const feed = useTimeline(sessionId);
  const online = useOnline();
  const { items } = feed.timeline;
  if (feed.state === 'loading') return <Loading />;
  if (feed.state === 'failed' && feed.error && items.length === 0)
    return <Failure error={feed.error} {...(online && { onRetry: feed.again })} />;
  return (
    <div className="timeline-section">
      {items.length === 0 ? <Empty icon="clock">{t.empty}</Empty> : <TimelineBody feed={feed} />}
      {feed.unreadable > 0 && (
        <p className="card-note" data-tone="warning">
          {t.unreadable(feed.unreadable)}
        </p>
      )}
    </div>
  );
}

function TimelineBody({ feed }: { feed: TimelineFeed }) {
  const { items } = feed.timeline;
  const box = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    getItemKey: (index) => items[index]?.key ?? index,
    estimateSize: () => GUESSED_HEIGHT,
    overscan: 8,
  });
  const { atEnd, follow, watchEnd } = useEnd(box, rows, feed.timeline.lastSeq, items.length);
  const folds = useFolds();
  const [wanted, setWanted] = useState('');
  const found = useMemo(() => findItems(items, wanted), [items, wanted]);
  useAllOlder(feed, wanted.trim() !== '');
  const current = useMatch(found, wanted, (index) => {
    follow(false);
    rows.scrollToIndex(index, { align: 'center' });
  });
  const older = useOlder(feed, rows);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    if (event.key === 'End') follow(true);
    if (event.key === 'Home') follow(false);
    if (event.key === '/') {
      event.preventDefault();
      search.current?.focus();
    }
  };
  return (
    <>
      <div className="timeline-bar">
        <TimelineSearch
          input={search}
          wanted={wanted}
          onWanted={setWanted}
          at={current.at + 1}
          count={found.length}
          isLooking={feed.hasOlder && feed.loadingOlder}
          onStep={current.step}
        />
        <CopyButton text={items.map((item) => copyText(item, t.who)).join('\n\n')} what={t.copyAll} />
      </div>
      <div
        ref={box}
        className="timeline-scroll"
        role="region"
        aria-label={t.label}
        tabIndex={0}
        onScroll={watchEnd}
        onKeyDown={onKeyDown}
      >
        {feed.hasOlder && (
          <Button variant="subtle" fullWidth disabled={feed.loadingOlder} onClick={older}>
            {feed.loadingOlder ? t.loadingEarlier : t.earlier}
          </Button>
        )}
        <ol className="timeline" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => (
            <Row
              key={row.key}
              {...{ items, folds, index: row.index, start: row.start }}
              measure={rows.measureElement}
              isMatch={found[current.at] === row.index && wanted.trim() !== ''}
              {...(!feed.hasOlder && { all: items.length })}
            />
          ))}
        </ol>
      </div>
      {!atEnd && (
        <Button className="timeline-newest" variant="default" onClick={() => follow(true)}>
          <Icon name="check" /> {t.newest}
        </Button>
      )}
    </>
  );
}

function Row(props: {
  items: readonly TimelineItem[];
  folds: Folds;
  index: number;
  start: number;
  /** How many there are in all; left out while not all are loaded. */
  all?: number;
  isMatch: boolean;
  measure: (node: Element | null) => void;
}) {
  const { items, index, start, all, isMatch, folds } = props;
  const item = items[index];
  if (!item) return null;
  return (
    <li
      ref={props.measure}
      data-index={index}
      data-match={isMatch ? '' : undefined}
      aria-setsize={all ?? -1}
      aria-posinset={index + 1}
      style={{ transform: `translateY(${start}px)` }}
    >
      <TimelineItemView item={item} folds={folds} />
    </li>
  );
}

type Rows = Virtualizer<HTMLDivElement, Element>;

/** Stays at the end while things are added, until the reader goes elsewhere. */
function useEnd(box: RefObject<HTMLDivElement | null>, rows: Rows, lastSeq: number, count: number) {
  const [atEnd, setAtEnd] = useState(true);
  useEffect(() => {
    if (atEnd && count > 0) rows.scrollToIndex(count - 1, { align: 'end' });
  }, [atEnd, count, lastSeq, rows]);
  return {
    atEnd,
    follow: setAtEnd,
    watchEnd() {
      const element = box.current;
      if (!element) return;
      setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END);
    },
  };
}

function useFolds(): Folds {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  return {
    isOpen: (key) => open.has(key),
    toggle: (key, isOpen) =>
      setOpen((before) => {
        if (before.has(key) === isOpen) return before;
        const after = new Set(before);
        if (isOpen) after.add(key);
        else after.delete(key);
        return after;
      }),
  };
}

/** Loads older entries and keeps what is looked at where it is. */
function useOlder(feed: TimelineFeed, rows: Rows): () => void {
  const anchor = useRef<number | null>(null);
  const { items, firstSeq } = feed.timeline;
  useEffect(() => {
    const key = anchor.current;
    anchor.current = null;
    if (key === null) return;
    const index = items.findIndex((item) => item.key === key);
    if (index >= 0) rows.scrollToIndex(index, { align: 'start' });
  }, [firstSeq, items, rows]);
  return () => {
    anchor.current = items[rows.getVirtualItems()[0]?.index ?? 0]?.key ?? null;
    void feed.loadOlder();
  };
}

/** A search is a search through all of it. */
function useAllOlder({ hasOlder, loadOlder }: TimelineFeed, isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted || !hasOlder) return;
    const over = new AbortController();
    void (async () => {
      while (!over.signal.aborted && (await loadOlder()));
    })();
    return () => over.abort();
  }, [isWanted, hasOlder, loadOlder]);
}

/** Which of the matches is looked at: the last one first, as the newest is what people look for. */
function useMatch(found: readonly number[], wanted: string, show: (index: number) => void) {
  const [back, setBack] = useState(0);
  useEffect(() => setBack(0), [wanted]);
  const at = Math.max(0, found.length - 1 - Math.min(back, Math.max(0, found.length - 1)));
  const shown = useRef(show);
  useEffect(() => {
    shown.current = show;
  });
  const index = found[at];
  useEffect(() => {
    if (index !== undefined) shown.current(index);
  }, [index, wanted]);
  return {
    at: found.length === 0 ? -1 : at,
    step: (by: 1 | -1) =>
      setBack((before) => (found.length === 0 ? 0 : (before - by + found.length) % found.length)),
  };
}
