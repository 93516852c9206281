import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { leaveDespiteSecrets, leaveToRead } from './permission.ts';
import type { BridgeDeps, Place } from './ports.ts';
import { redactLines } from './redacted-lines.ts';
import { decodeText } from './text-file.ts';

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_TEXT = 1024 * 1024;

type Range = Pick<ParsedInputOf<'bridge.read'>, 'path' | 'fromLine' | 'toLine'>;

/**
 * A text file, redacted. The hash is that of the real bytes, so that it can be given back as a precondition.
 * @throws HostError `invalid_input` (binary, a range that does not exist), `too_large`, and what the path guard says
 */
export async function readTextFile(
  context: Pick<BridgeDeps, 'approver' | 'outbound'>,
  place: Place,
  { path, fromLine, toLine }: Range,
): Promise<OutputOf<'bridge.read'>> {
  const { root } = place;
  const file = await root.readFile(path, { maxBytes: MAX_FILE_BYTES });
  const text = decodeText(file.bytes, path);
  await leaveToRead(context, place, root.check(path));
  const { lines, redactions, action, blockedBy } = await redactLines(
    context.outbound,
    text,
    place.workspace.id,
  );
  if (blockedBy !== null) {
    throw new HostError(
      'refused',
      `${root.check(path)} is not handed out, because it holds a secret that never leaves this host: ${blockedBy}`,
    );
  }
  if (action === 'ask') await leaveDespiteSecrets(context, place, 'fs.read', root.check(path));
  const from = fromLine ?? 1;
  const to = Math.min(toLine ?? lines.length, lines.length);
  if (toLine !== undefined && toLine < from) {
    throw new HostError('invalid_input', `toLine (${toLine}) is before fromLine (${from})`);
  }
  if (fromLine !== undefined && from > Math.max(lines.length, 1)) {
    throw new HostError('invalid_input', `fromLine is ${from}, but the file has ${lines.length} lines`, {
      lines: lines.length,
    });
  }
  const shown = lines.slice(from - 1, to).join('');
  if (shown.length > MAX_TEXT) {
    throw new HostError(
      'too_large',
      `that is ${shown.length} characters and the limit is ${MAX_TEXT}; ask for a range of its ${lines.length} lines`,
      { lines: lines.length },
    );
  }
  return { path: root.check(path), text: shown, sha256: file.sha256, lines: lines.length, redactions };
}
