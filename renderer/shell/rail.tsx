import { useHostState, useHostView } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { Icon } from '../ui/icons.tsx';
import { isLive, isUnfinished, modeMark } from '../ui/marks.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { openPalette } from './palette.tsx';
import { hrefOf, railScreen, screens, type Screen } from './route.ts';

/** The left rail: every screen, with how many things each has that matter now. */
export function Rail({ screen }: { screen: Screen }) {
  const counts = useCounts();
  const name = useHostState((state) => state.host.name);
  const mode = useHostState((state) => state.host.mode);
  const known = useHostView((view) => view.known);
  const online = useHostView((view) => view.link.kind === 'online');
  return (
    <nav className="rail" aria-label={en.app.screens}>
      <div className="rail-head">
        <span className="rail-name">{en.app.name}</span>
        {known && <span className="muted rail-host">{name}</span>}
      </div>
      <ul>
        {screens.map((each) => (
          <li key={each}>
            <a
              href={hrefOf(each)}
              aria-current={each === railScreen(screen) ? 'page' : undefined}
              title={en.screens[each]}
            >
              <Icon name={each} />
              <span className="rail-word">{en.screens[each]}</span>
              {(counts[each]?.count ?? 0) > 0 && (
                <span className="count" data-tone={counts[each]?.tone} aria-label={counts[each]?.label}>
                  {counts[each]?.count}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
      <div className="rail-foot">
        {known && <StateMark mark={online ? modeMark(mode) : offlineMark} />}
        <button
          type="button"
          className="plain-button"
          onClick={openPalette}
          aria-keyshortcuts="Control+K Meta+K"
          title={en.palette.open}
        >
          <Icon name="search" /> <span className="rail-word">{en.palette.open}</span>{' '}
          <kbd>{en.palette.keys(navigator.userAgent.includes('Mac'))}</kbd>
        </button>
      </div>
    </nav>
  );
}

const offlineMark = { tone: 'danger', icon: 'offline', word: en.states.offline } as const;

interface Count {
  readonly count: number;
  readonly tone: 'warning' | 'neutral';
  readonly label: string;
}

function useCounts(): Partial<Record<Screen, Count>> {
  const approvals = useHostState(
    (s) => Object.values(s.approvals).filter((a) => a.state === 'pending').length,
  );
  const tasks = useHostState((s) => Object.values(s.tasks).filter(isUnfinished).length);
  const processes = useHostState((s) => Object.values(s.processes).filter(isLive).length);
  const devices = useHostState((s) => Object.values(s.devices).filter((d) => d.state === 'pending').length);
  const tunnel = useHostState((s) =>
    s.tunnel.state === 'ready' || s.tunnel.state === 'reconnecting' ? 1 : 0,
  );
  const count = (n: number, tone: Count['tone'], label: (n: number) => string): Count => ({
    count: n,
    tone,
    label: label(n),
  });
  return {
    approvals: count(approvals, 'warning', en.counts.waiting),
    tasks: count(tasks, 'neutral', en.counts.unfinished),
    processes: count(processes, 'neutral', en.counts.running),
    devices: count(devices, 'warning', en.counts.waiting),
    tunnels: count(tunnel, 'warning', en.counts.open),
  };
}
