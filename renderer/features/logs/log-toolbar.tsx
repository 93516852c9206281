import type { LogExtent } from '../../../contract/process-logs.ts';
import { en } from '../../texts/en.ts';
import { Icon } from '../../ui/icons.tsx';

const t = en.logs;

export interface LogOptions {
  readonly time: boolean;
  readonly wrap: boolean;
}

/** Follow or pause, how lines are drawn, and how many there are. */
export function LogToolbar(props: {
  following: boolean;
  onFollow(following: boolean): void;
  options: LogOptions;
  onOptions(options: LogOptions): void;
  extent: LogExtent | null;
}) {
  const { following, onFollow, options, onOptions, extent } = props;
  const toggle = (key: keyof LogOptions) => (
    <button
      type="button"
      className="plain-button"
      aria-pressed={options[key]}
      onClick={() => onOptions({ ...options, [key]: !options[key] })}
    >
      {t[key]}
    </button>
  );
  return (
    <div className="log-bar" role="toolbar" aria-label={t.toolbar}>
      <button type="button" className="plain-button" onClick={() => onFollow(!following)}>
        <Icon name={following ? 'pause' : 'play'} /> {following ? t.pause : t.follow}
      </button>
      {toggle('time')}
      {toggle('wrap')}
      {/* Not told to those who listen: it changes ten times a second. */}
      <span className="muted numeric">
        {extent && t.lines(extent.end - extent.first)}
        {extent && extent.first > 0 && ` · ${t.dropped(extent.first)}`}
      </span>
    </div>
  );
}
