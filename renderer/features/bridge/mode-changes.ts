import type { BridgeModes } from '../../../contract/bridge.ts';

const order = {
  tools: ['minimal', 'standard', 'full'],
  write: ['off', 'handoff', 'workspace'],
  bash: ['off', 'safe', 'full'],
} as const satisfies { [K in keyof BridgeModes]: readonly BridgeModes[K][] };

export const modeNames = order;

/** Whether a change lets clients do more than before: such a change is confirmed first. */
export function raises(mode: keyof BridgeModes, from: string, to: string): boolean {
  const values: readonly string[] = order[mode];
  return values.indexOf(to) > values.indexOf(from);
}
