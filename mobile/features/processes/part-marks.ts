import type { Tone } from '../../../contract/design/tokens.ts';
import type { EndedPartView, PartView } from '../../host/process-views.ts';
import { bytes, elapsed } from '../../texts/amounts.ts';
import { t } from '../../texts/t.ts';
import { ago } from '../../texts/time.ts';
import { visible } from '../../ui/code.tsx';
import type { IconName } from '../../ui/icon.tsx';

/** How a part of the host is shown: its name, how it stands as a badge and in words. */
export interface PartMarks {
  readonly title: string;
  readonly badge: { readonly icon: IconName; readonly word: string; readonly tone: Tone };
  readonly lines: readonly string[];
}

export const titleOf = ({ kind, name }: Pick<PartView, 'kind' | 'name'>): string =>
  kind === 'agent' ? t.parts.agent(visible(name)) : t.parts.kinds[kind];

/** Since when it runs and what it uses; none while nothing is known. Pure. */
export function usedByPart(part: PartView | undefined, known: number): string[] {
  if (!part) return [];
  return [
    ...(part.startedAt === null ? [] : [t.processes.up(elapsed(known - part.startedAt))]),
    ...(part.memory === null ? [] : [t.processes.memory(bytes(part.memory))]),
  ];
}

/** A part that runs. `known`: up to when that is known, milliseconds since 1970. Pure. */
export function runningMarks(part: PartView, known: number): PartMarks {
  return {
    title: titleOf(part),
    badge: { icon: 'play', word: t.processes.state.running, tone: 'ok' },
    lines: usedByPart(part, known),
  };
}

/** A part that has ended: how, and when. Only an exit code of its own is a reason to look. Pure. */
export function endedMarks(part: EndedPartView, now: number): PartMarks {
  const { endedAt, exitCode, signal } = part;
  const badly = exitCode !== null && exitCode !== 0;
  return {
    title: titleOf(part),
    badge: { icon: badly ? 'alert' : 'stop', word: t.parts.ended, tone: badly ? 'warning' : 'neutral' },
    lines: [
      ...(exitCode === null ? [] : [t.predefined.exit(exitCode)]),
      ...(signal === null ? [] : [t.predefined.signal(visible(signal))]),
      ago(t, endedAt, now),
    ],
  };
}
