import type { WorkspaceId } from '../../../contract/ids.ts';
import type { OutboundAction } from '../../guard/outbound-actions.ts';
import type { Outbound } from './ports.ts';
import { splitLines } from './text-file.ts';

export interface RedactedLines {
  /** As many as the original has, terminators kept. */
  readonly lines: readonly string[];
  readonly redactions: number;
  /** What the gate asks for; null when nothing was found. The lines of a blocked file are all hidden. */
  readonly action: OutboundAction | null;
  /** The gate's own word for what it blocks. */
  readonly blockedBy: string | null;
}

const HIDDEN = '[REDACTED part of a longer secret]';

/**
 * A whole file through the outbound gate, line for line. It is never redacted by the line or by the range: the middle
 * of a private key does not look like a secret. Where a secret of several lines became one marker, its other lines
 * are hidden as well, so that line numbers stay those of the file.
 */
export async function redactLines(
  outbound: Outbound,
  text: string,
  workspaceId: WorkspaceId,
): Promise<RedactedLines> {
  const before = splitLines(text);
  const redacted = await outbound.deep('file', text, workspaceId);
  return {
    lines: align(before, splitLines(redacted.text)),
    redactions: redacted.hits.length,
    action: redacted.action,
    blockedBy: redacted.action === 'block' ? redacted.text : null,
  };
}

/** Pure. Equal heads and tails keep their places; what lies between is shown only if the counts agree. */
export function align(before: readonly string[], after: readonly string[]): readonly string[] {
  if (before.length === after.length) return after;
  let head = 0;
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const hidden = before
    .slice(head, before.length - tail)
    .map((line) => (line.endsWith('\n') ? `${HIDDEN}\n` : HIDDEN));
  return [...before.slice(0, head), ...hidden, ...before.slice(before.length - tail)];
}
