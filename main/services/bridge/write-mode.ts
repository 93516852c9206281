import type { WriteMode } from '../../../contract/bridge.ts';
import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FOLDER } from '../../../contract/handoff.ts';

const HOW = 'The owner of this machine can allow it: Settings, or `signalbox mcp mode --write workspace`.';

/**
 * Whether a file may be written in this mode. `handoff` opens the one folder of plans and notes, where nothing runs by
 * being written. `path` is in canonical form.
 * @throws HostError `refused` @pure
 */
export function assertWritable(mode: WriteMode, path: string): void {
  if (mode === 'off') throw new HostError('refused', `Writing is switched off. ${HOW}`, { mode });
  if (mode === 'handoff' && !path.startsWith(`${HANDOFF_FOLDER}/`)) {
    throw new HostError(
      'refused',
      `Only files in ${HANDOFF_FOLDER}/ can be written in handoff mode. ${HOW}`,
      { mode },
    );
  }
}
