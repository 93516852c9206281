import type { Found } from './secret-finding.ts';

export interface PrivateKeyBlock extends Found {
  /** Whether the END line was seen. */
  readonly closed: boolean;
  /** Whether it holds enough to be a key. */
  readonly filled: boolean;
}

const header = /-----BEGIN[ +](?:[A-Z0-9]{1,16}[ +]){0,4}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----/y;
const footer = /-----END[A-Z0-9 +]{0,64}-----/y;
const body = /(?:(?!-----)[A-Za-z0-9+/=\s\\:,.|>#*"'()_-])*/y;

/** PEM and armoured private keys, closed or cut off, also with diff markers, quotes or `\n` between the lines. */
export function findPrivateKeys(text: string): PrivateKeyBlock[] {
  const blocks: PrivateKeyBlock[] = [];
  let at = text.indexOf('-----BEGIN');
  while (at >= 0) {
    const opened = matchAt(header, text, at);
    if (opened === 0) {
      at = text.indexOf('-----BEGIN', at + 1);
      continue;
    }
    const inner = at + opened;
    const innerEnd = inner + matchAt(body, text, inner);
    const closing = matchAt(footer, text, innerEnd);
    // Line ends as `\n`, markers and quotes are not of the key: the same key has the same value however it is written.
    const letters = text
      .slice(inner, Math.min(innerEnd, inner + 32_768))
      .replace(/\\[nrt]|[^A-Za-z0-9+/]/g, '');
    blocks.push({
      kind: 'private-key',
      origin: 'private-key',
      start: at,
      end: innerEnd + closing,
      value: letters,
      closed: closing > 0,
      filled: letters.length >= 24,
    });
    at = text.indexOf('-----BEGIN', innerEnd + closing);
  }
  return blocks;
}

function matchAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.exec(text)?.[0].length ?? 0;
}
