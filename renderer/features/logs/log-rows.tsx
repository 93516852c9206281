import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { LogExtent, LogLine } from '../../../contract/process-logs.ts';
import { en } from '../../texts/en.ts';
import { CopyButton } from '../../ui/parts.tsx';
import { heightOf, lastFirst, LINE, scrollTo, shownAt, topOf } from './line-range.ts';
import { LogLineRow } from './log-line.tsx';
import type { LogPages } from './log-pages.ts';
import type { Mark } from './mark-text.ts';

const t = en.logs;
/** Fetched beyond what is on the screen, on both sides. */
const AHEAD = 60;

export interface LogRowsProps {
  readonly name: string;
  readonly pages: LogPages;
  readonly extent: LogExtent;
  readonly following: boolean;
  onFollow(following: boolean): void;
  /** The line to be brought onto the screen; a new object for each wish. */
  readonly target: { readonly line: number } | null;
  readonly options: { readonly time: boolean; readonly wrap: boolean; readonly streams: boolean };
  readonly hit: number | null;
  readonly mark: Mark | null;
}

/** The lines that are on the screen, over a box as tall as all of them. Rows stay and change their text. */
export function LogRows(props: LogRowsProps) {
  const { name, pages, extent, following, onFollow, target, options, hit, mark } = props;
  const { wrap } = options;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 480 });
  const frame = { viewport: view.height, wrap };
  const count = extent.end - extent.first;
  const rows = Math.ceil(view.height / LINE) + 1;
  const newest = lastFirst(count, { ...frame, wrap: false });
  const { first, offset } = following ? { first: newest, offset: 0 } : shownAt(view.top, count, frame);
  const from = extent.first + Math.min(first, following ? newest : lastFirst(count, frame));
  const to = Math.min(extent.end, from + rows);
  const total = heightOf(count, frame);
  /** Null unless it was followed just now; where wrapped lines stay then, so that those that are seen do not move. */
  const stay = useRef<number | null>(null);

  useEffect(() => pages.want(from - AHEAD, to + AHEAD), [pages, from, to, extent]);
  useLayoutEffect(() => {
    if (!following || !box.current) return;
    box.current.scrollTop = total;
    stay.current = wrap ? topOf(firstWhole(box.current), count, frame) : 0;
  });
  useLayoutEffect(() => {
    if (following || stay.current === null || !box.current) return;
    if (wrap) box.current.scrollTop = stay.current;
    setView((before) => ({ ...before, top: box.current?.scrollTop ?? 0 }));
    stay.current = null;
  }, [following, wrap]);
  useEffect(() => {
    if (target && box.current) {
      const viewport = box.current.clientHeight;
      box.current.scrollTop = scrollTo(target.line - extent.first, count, { viewport, wrap });
    }
    // A wish counts once, when it is made, and again when the lines get another height.
  }, [target, wrap]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measured = new ResizeObserver(() =>
      setView((before) => ({ ...before, height: Math.max(LINE, element.clientHeight) })),
    );
    measured.observe(element);
    return () => measured.disconnect();
  }, []);

  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const shown = (): LogLine[] => numbers.flatMap((number) => pages.line(number) ?? []);
  return (
    <div className="log-frame">
      <div
        ref={box}
        className="log"
        role="table"
        aria-label={t.title(name)}
        aria-rowcount={count}
        aria-keyshortcuts="End Home PageUp PageDown"
        tabIndex={0}
        data-wrap={options.wrap || undefined}
        onScroll={(event) => {
          const { scrollTop } = event.currentTarget;
          if (!following) setView((before) => ({ ...before, top: scrollTop }));
        }}
        onWheel={(event) => {
          if (event.deltaY < 0 && following) onFollow(false);
        }}
        onKeyDown={(event) => {
          if (['ArrowUp', 'PageUp', 'Home'].includes(event.key) && following) onFollow(false);
          if (event.key === 'End') onFollow(true);
        }}
        onPointerDown={(event) => {
          // The pointer takes hold of the bar by which one scrolls, or begins to select: the lines must stay.
          if (following && event.button === 0) onFollow(false);
        }}
      >
        <div className="log-height" style={{ height: total }}>
          <div className="log-window" data-end={following || undefined} style={{ height: view.height }}>
            <div style={{ marginTop: -offset }}>
              {numbers.map((number, slot) => (
                <LogLineRow
                  key={slot}
                  index={number - extent.first}
                  number={number + 1}
                  line={pages.line(number)}
                  showTime={options.time}
                  showStream={options.streams}
                  isHit={number === hit}
                  mark={mark}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      <div className="log-copy">
        <CopyButton text={textOf(shown())} what={t.copy} />
      </div>
    </div>
  );
}

/** The first row that is whole on the screen, counted from 0: wrapped rows stand out at the top. */
function firstWhole(box: HTMLElement): number {
  const { top } = box.getBoundingClientRect();
  const rows = [...box.querySelectorAll<HTMLElement>('.log-row')];
  const whole = rows.find((row) => row.getBoundingClientRect().top >= top - 1) ?? rows.at(-1);
  return Number(whole?.getAttribute('aria-rowindex') ?? 1) - 1;
}

function textOf(lines: readonly LogLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}
