/** One line of a unified diff, told apart by what it means. */
export interface DiffLine {
  readonly kind: 'file' | 'hunk' | 'added' | 'removed' | 'same';
  readonly text: string;
}

const HEADERS = [
  'diff ',
  'index ',
  'new file',
  'deleted file',
  'rename ',
  'similarity ',
  'old mode',
  'new mode',
  'Binary ',
];

function hunkLengths(header: string): { before: number; after: number } | undefined {
  const found = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(header);
  return found ? { before: Number(found[1] ?? 1), after: Number(found[2] ?? 1) } : undefined;
}

/**
 * Reads a unified diff line by line. Inside a hunk the header's lengths decide, so that a removed line `-- x` or an
 * added `++ x` is not taken for a file header.
 */
export function readDiff(diff: string): DiffLine[] {
  const lines = (diff.endsWith('\n') ? diff.slice(0, -1) : diff).split('\n');
  let before = 0;
  let after = 0;
  return lines.map((text): DiffLine => {
    if (before > 0 || after > 0) {
      if (text.startsWith('+')) {
        after -= 1;
        return { kind: 'added', text };
      }
      if (text.startsWith('-')) {
        before -= 1;
        return { kind: 'removed', text };
      }
      if (text.startsWith('\\')) return { kind: 'same', text };
      before -= 1;
      after -= 1;
      return { kind: 'same', text };
    }
    const lengths = hunkLengths(text);
    if (lengths) {
      ({ before, after } = lengths);
      return { kind: 'hunk', text };
    }
    const header =
      text.startsWith('--- ') || text.startsWith('+++ ') || HEADERS.some((start) => text.startsWith(start));
    return { kind: header ? 'file' : 'same', text };
  });
}

/** How many lines a diff adds and removes. */
export function countDiff(lines: readonly DiffLine[]): { added: number; removed: number } {
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  return { added: count('added'), removed: count('removed') };
}
