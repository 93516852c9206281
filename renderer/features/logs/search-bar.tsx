import { TextInput } from '@mantine/core';
import type { RefObject } from 'react';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';
import type { LogSearch } from './use-log-search.ts';

const t = en.logs;

/** What to look for, and the way from one place to the next. */
export function SearchBar({
  search,
  field,
}: {
  search: LogSearch;
  field: RefObject<HTMLInputElement | null>;
}) {
  const toggle = (key: 'isRegex' | 'caseSensitive' | 'everywhere', label: string) => (
    <button
      type="button"
      className="plain-button"
      aria-pressed={search[key]}
      onClick={() => search.change({ [key]: !search[key] })}
    >
      {label}
    </button>
  );
  return (
    <div className="log-bar" role="search">
      <TextInput
        ref={field}
        aria-label={t.search}
        placeholder={t.search}
        value={search.text}
        maxLength={1024}
        leftSection={<Icon name="search" />}
        onChange={(event) => search.change({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') search.go(event.shiftKey ? 'previous' : 'next');
          if (event.key === 'Escape') search.change({ text: '' });
        }}
      />
      {!search.everywhere && (
        <>
          <button type="button" className="plain-button" onClick={() => search.go('previous')}>
            {t.previous}
          </button>
          <button type="button" className="plain-button" onClick={() => search.go('next')}>
            {t.next}
          </button>
        </>
      )}
      {toggle('caseSensitive', t.caseSensitive)}
      {toggle('isRegex', t.regex)}
      {toggle('everywhere', t.everywhere)}
      <span className="muted" role="status">
        {stateText(search)}
      </span>
    </div>
  );
}

function stateText({ state, hit, everywhere, results }: LogSearch): string {
  if (typeof state === 'object') return t.searchFailed(state.failed);
  if (state === 'searching') return t.searching;
  if (state === 'none') return hit === null ? t.noMatch : t.noMore;
  if (everywhere && state === 'found') return t.foundIn(results.length);
  return hit === null ? '' : t.atLine(hit + 1);
}
