import type { SessionModeState } from '@agentclientprotocol/sdk';

/** Names that agents give to a mode in which they change nothing, the strictest first. */
const NAMES = [/^read-?only$/i, /^plan$/i, /plan-?mode$/i, /^ask$/i];

/** The id of a mode in which the agent only reads; null when it offers none, or is in it already. Pure. */
export function readOnlyMode(modes: SessionModeState | null): string | null {
  if (modes === null) return null;
  for (const name of NAMES) {
    // Some ids are URLs whose last part is the name.
    const found = modes.availableModes.find(({ id }) => name.test(id.split(/[/#]/).at(-1) ?? id));
    if (found) return found.id === modes.currentModeId ? null : found.id;
  }
  return null;
}
