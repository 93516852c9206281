import type { Tone } from '../../../contract/design/tokens.ts';
import type { ActionRun } from '../../../contract/predefined.ts';
import { elapsed } from '../../texts/amounts.ts';
import type { Texts } from '../../texts/t.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import type { IconName } from '../../ui/icon.tsx';
import { StatusBadge } from '../../ui/status-badge.tsx';

interface Look {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly word: string;
}

/** An end is "done" only when the command itself said so. */
export function lookOf(run: ActionRun, texts: Texts): Look {
  const { failed, state, stopped, timedOut } = texts.predefined;
  if (run.state === 'waiting') return { icon: 'question', tone: 'warning', word: state.waiting };
  if (run.state === 'running') return { icon: 'play', tone: 'info', word: state.running };
  if (run.state === 'refused') return { icon: 'cross', tone: 'danger', word: state.refused };
  if (run.timedOut) return { icon: 'clock', tone: 'danger', word: timedOut };
  if (run.stopped) return { icon: 'stop', tone: 'neutral', word: stopped };
  if (run.exitCode === 0) return { icon: 'check', tone: 'ok', word: state.ended };
  return { icon: 'alert', tone: 'danger', word: failed };
}

export function RunBadge({ run }: { run: ActionRun }) {
  return <StatusBadge {...lookOf(run, t)} />;
}

/** How it went, in one line. */
export function runLine(run: ActionRun, now: number): string {
  const words = t.predefined;
  switch (run.state) {
    case 'waiting':
      return ago(t, Date.parse(run.requestedAt), now);
    case 'running':
      return words.running(elapsed(now - Date.parse(run.startedAt)));
    case 'refused':
      return ago(t, Date.parse(run.endedAt), now);
    case 'ended':
      return [
        ...(run.exitCode === null ? [] : [words.exit(run.exitCode)]),
        ...(run.signal === null ? [] : [words.signal(run.signal)]),
        words.ran(elapsed(run.durationMs)),
        ago(t, Date.parse(run.endedAt), now),
      ].join(' · ');
  }
}
