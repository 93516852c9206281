import { list, object, string } from './loose.ts';
import type { OwnEntry } from './own-session.ts';

const MAX_STEPS = 256;

/** A list of steps as agents write it down; each has a status and, under a name of the agent's own, a text. */
export function planOf(steps: unknown, textName: string): OwnEntry['entry'] {
  const entries = list(steps).flatMap((value) => {
    const step = object(value);
    const text = string(step?.[textName]);
    return text === null ? [] : [{ text, state: stateOf(step?.['status']) }];
  });
  return { kind: 'plan', entries: entries.slice(0, MAX_STEPS) };
}

function stateOf(status: unknown): 'pending' | 'in_progress' | 'completed' {
  return status === 'in_progress' || status === 'completed' ? status : 'pending';
}
