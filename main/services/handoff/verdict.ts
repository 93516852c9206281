import type { ReviewVerdict } from '../../../contract/handoff.ts';

export const REVIEW_NONCE_VARIABLE = 'SIGNALBOX_REVIEW_NONCE';

/** What the reviewer said: `none` of the two, or `several` that contradict each other. */
export type SaidVerdict = ReviewVerdict | 'none' | 'several';

export interface VerdictReader {
  push(chunk: Uint8Array): void;
  end(): SaidVerdict;
}

/** A longer line is no verdict; the rest of it is not kept. */
const MAX_LINE = 256;

/**
 * Finds the verdict in the standard output of a reviewer: `SIGNALBOX_REVIEW=<nonce> PASS` or `FAIL`, as the last line
 * that is not empty. The nonce is new for each review and only the reviewer has it, so that what it quotes (a diff, a
 * report of the agent) cannot be a verdict.
 */
export function createVerdictReader(nonce: string): VerdictReader {
  const decoder = new TextDecoder();
  const said = new Set<ReviewVerdict>();
  let last: ReviewVerdict | null = null;
  let line = '';
  let isLong = false;

  function endLine(): void {
    const text = line.trim();
    if (text !== '' || isLong) {
      last = isLong ? null : verdictOf(text, nonce);
      if (last !== null) said.add(last);
    }
    line = '';
    isLong = false;
  }
  function take(text: string): void {
    const [first = '', ...others] = text.split('\n');
    grow(first);
    for (const other of others) {
      endLine();
      grow(other);
    }
  }
  function grow(text: string): void {
    line += text;
    if (line.length <= MAX_LINE) return;
    isLong ||= line.trim().length > MAX_LINE;
    line = line.slice(0, MAX_LINE);
  }

  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end() {
      take(decoder.decode());
      endLine();
      if (said.size > 1) return 'several';
      return last ?? 'none';
    },
  };
}

function verdictOf(line: string, nonce: string): ReviewVerdict | null {
  if (line === `SIGNALBOX_REVIEW=${nonce} PASS`) return 'PASS';
  return line === `SIGNALBOX_REVIEW=${nonce} FAIL` ? 'FAIL' : null;
}
