import type { OutputOf } from '../../../../contract/commands.ts';
import { HostError } from '../../../../contract/errors.ts';
import type { HostParts } from '../../../kernel/host-parts.ts';
import { utf8Bounds } from '../utf8-slice.ts';

const SHOWN_BYTES = 65_536;

/**
 * The end of what a part of the host printed, cut between characters. A secret that begins before the cut is judged
 * with its beginning.
 * @param part the outbound gate for `[from, to)` of a text
 * @throws HostError `not_found` for a part that the host does not know, or not any more
 */
export function readPartOutput(
  parts: Pick<HostParts, 'output'>,
  id: string,
  part: (text: string, from: number, to: number) => string,
): OutputOf<'supervisor.readPartOutput'> {
  const printed = parts.output(id);
  if (!printed) {
    throw new HostError(
      'not_found',
      'the output of this is not kept: the host keeps that of the tunnel and of agents, and of the last eight that ended',
      { id },
    );
  }
  const { bytes, total } = printed;
  const cut = Math.max(0, bytes.length - SHOWN_BYTES);
  const { start } = utf8Bounds(bytes.subarray(cut), cut > 0, true);
  const ahead = bytes.toString('utf8', 0, cut + start);
  const shown = bytes.toString('utf8', cut + start);
  return {
    text: part(`${ahead}${shown}`, ahead.length, ahead.length + shown.length),
    missing: total - (bytes.length - cut - start),
  };
}
