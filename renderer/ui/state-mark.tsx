import type { Tone } from '../../contract/design/tokens.ts';
import { Icon, type IconName } from './icons.tsx';

export interface Mark {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly word: string;
}

/** A state by icon, word and colour together. */
export function StateMark({ mark, filled = false }: { mark: Mark; filled?: boolean }) {
  return (
    <span className={filled ? 'mark mark-filled' : 'mark'} data-tone={mark.tone}>
      <Icon name={mark.icon} />
      {mark.word}
    </span>
  );
}
