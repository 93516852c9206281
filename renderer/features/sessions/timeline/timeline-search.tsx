import { TextInput } from '@mantine/core';
import type { RefObject } from 'react';
import { en } from '../../../texts/en.ts';
import { Icon } from '../../../ui/icons.tsx';

const t = en.timeline;

/** Enter goes to the match before, Shift and Enter to the one after it, Escape ends the search. */
export function TimelineSearch(props: {
  input: RefObject<HTMLInputElement | null>;
  wanted: string;
  onWanted(text: string): void;
  /** From 1; 0 without a match. */
  at: number;
  count: number;
  isLooking: boolean;
  onStep(by: 1 | -1): void;
}) {
  const { wanted, count, isLooking, onStep, onWanted } = props;
  return (
    <div className="timeline-search" role="search">
      <TextInput
        ref={props.input}
        type="search"
        aria-label={t.search}
        placeholder={t.search}
        value={wanted}
        leftSection={<Icon name="search" />}
        onChange={(event) => onWanted(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? 1 : -1);
          if (event.key === 'Escape') onWanted('');
        }}
      />
      {wanted.trim() !== '' && (
        <>
          <button
            type="button"
            className="plain-button"
            disabled={count === 0}
            aria-label={t.previous}
            onClick={() => onStep(-1)}
          >
            ↑
          </button>
          <button
            type="button"
            className="plain-button"
            disabled={count === 0}
            aria-label={t.next}
            onClick={() => onStep(1)}
          >
            ↓
          </button>
          <span className="muted" role="status">
            {isLooking ? t.searchingOlder : t.found(props.at, count)}
          </span>
        </>
      )}
    </div>
  );
}
