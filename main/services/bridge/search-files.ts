import type { OutputOf } from '../../../contract/commands.ts';
import type { WorkspaceId } from '../../../contract/ids.ts';
import { mayReadUnasked } from './permission.ts';
import type { BridgeDeps, Outbound, Place } from './ports.ts';
import { redactLines } from './redacted-lines.ts';
import type { Hits } from './ripgrep.ts';
import { decodeText } from './text-file.ts';

const MAX_READ_BYTES = 32 * 1024 * 1024;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_LINE = 400;

/**
 * Turns hits into what may leave. ripgrep only says where to look: each line is read again through the path guard and
 * the outbound gate, so what the owner's rules keep back, a blocked file, a link that
 * appeared meanwhile or half a secret never gets out.
 */
export async function showHits(
  context: Pick<BridgeDeps, 'approver' | 'outbound'>,
  place: Place,
  hits: Hits,
): Promise<OutputOf<'bridge.search'>> {
  const matches: OutputOf<'bridge.search'>['matches'] = [];
  let left = MAX_READ_BYTES;
  for (const [path, numbers] of hits.lines) {
    if (left <= 0) return { matches, truncated: true };
    const file = await place.root.readFile(path, { maxBytes: MAX_FILE_BYTES }).catch(() => null);
    if (file === null || !(await mayReadUnasked(context, place, path))) continue;
    left -= file.bytes.length;
    const lines = await textOf(file.bytes, path, context.outbound, place.workspace.id);
    for (const line of numbers) {
      const text = lines?.[line - 1];
      if (text !== undefined) matches.push({ path, line, text: excerpt(text) });
    }
  }
  return { matches, truncated: hits.truncated };
}

async function textOf(
  bytes: Uint8Array,
  path: string,
  outbound: Outbound,
  workspaceId: WorkspaceId,
): Promise<readonly string[] | null> {
  let text: string;
  try {
    text = decodeText(bytes, path);
  } catch {
    return null;
  }
  const { lines, action } = await redactLines(outbound, text, workspaceId);
  // A person is not asked for each hit of a search: what would need asking is left out.
  return action === null || action === 'redact' ? lines : null;
}

function excerpt(line: string): string {
  const text = line.replace(/\r?\n$/, '');
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
}
