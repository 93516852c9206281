import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import type { ActionRunId } from '../../contract/ids.ts';
import type { HostLink } from './host-link.ts';
import type { RunFeed, RunView } from './predefined-views.ts';

/** Characters that a phone holds of what a command prints; the newest stay. */
export const MOST_TEXT = 400_000;
/** How long the host waits for more before it answers that there is none, milliseconds. */
const WAIT = 10_000;
/** Between an answer and the next question. */
const LOOK_AGAIN = 250;

export interface RunFeedDeps {
  readonly link: Pick<HostLink, 'call'>;
  readonly schedule: Schedule;
  /** What is said when the host does not answer. */
  readonly unknown: string;
  readonly changed: (view: RunView) => void;
}

const isOver = ({ run }: RunView): boolean => run?.state === 'ended' || run?.state === 'refused';

/** The newest of a text, from the beginning of a line on. */
function newestOf(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  const rest = text.slice(-MOST_TEXT / 2);
  return rest.slice(rest.indexOf('\n') + 1);
}

/** What a predefined command prints, as it comes, until it has ended and all of it was read. */
export function openRunFeed(runId: ActionRunId, deps: RunFeedDeps): RunFeed {
  const { changed, link, schedule, unknown } = deps;
  let view: RunView = { state: 'loading', why: '', run: null, text: '', incomplete: false };
  let offset = 0;
  let over = false;
  let cancel = (): void => undefined;

  function tell(change: Partial<RunView>): void {
    view = { ...view, ...change };
    changed(view);
  }

  async function look(): Promise<void> {
    const { run } = view;
    const wait = run ? { wait: { state: run.state, ms: WAIT } } : {};
    const answer = await link.call('tasks.readActionOutput', { runId, offset, ...wait });
    if (over) return;
    if (answer.kind !== 'done') {
      tell({ state: 'failed', why: answer.kind === 'refused' ? answer.why : unknown });
      return;
    }
    const { end, nextOffset, offset: from, run: now, text: more } = answer.value;
    const whole = view.text + more;
    const text = newestOf(whole);
    const incomplete = view.incomplete || from > offset || text.length < whole.length;
    offset = nextOffset;
    tell({ ...{ state: 'ready', why: '', run: now }, text, incomplete });
    if (isOver(view) && nextOffset >= end) return;
    if (nextOffset < end) void look();
    else cancel = schedule(LOOK_AGAIN, () => void look());
  }

  void look();
  return {
    again() {
      if (view.state !== 'failed') return;
      tell({ state: view.run ? 'ready' : 'loading', why: '' });
      void look();
    },
    close() {
      over = true;
      cancel();
    },
  };
}
