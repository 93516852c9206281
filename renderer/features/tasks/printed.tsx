import { Fragment, useLayoutEffect, useRef } from 'react';
import { en } from '../../texts/en.ts';
import { plainLine } from '../../ui/ansi.ts';
import { bytes } from '../../ui/format.ts';
import type { Piece } from './run-output.ts';

const t = en.tasks;
/** Whoever has scrolled up by less than this still looks at the end. */
const NEAR_PX = 24;

/** What a program printed, at its end as long as nobody scrolls up. */
export function Printed({ of, pieces }: { of: string; pieces: readonly Piece[] }) {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [pieces]);
  return (
    <pre
      ref={box}
      className="predefined-output"
      tabIndex={0}
      role="region"
      aria-label={t.outputOf(of)}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      }}
    >
      {pieces.every(({ text }) => text === '') && <span className="muted">{t.noOutput}</span>}
      {pieces.map(({ missing, text }, at) => (
        <Fragment key={at}>
          {missing > 0 && <span className="muted">{`${t.notKept(bytes(missing))}\n`}</span>}
          {text.split('\n').map(plainLine).join('\n')}
        </Fragment>
      ))}
    </pre>
  );
}
