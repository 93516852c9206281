export interface FileDiff {
  readonly path: string;
  readonly diff: string;
}

/** A diff of many files, one by one. What stands before the first file belongs to none and is left out. Pure. */
export function splitDiff(diff: string): readonly FileDiff[] {
  const starts = [...diff.matchAll(/^diff --git /gm)].map(({ index }) => index);
  const pieces =
    starts.length > 0
      ? starts.map((start, i) => diff.slice(start, starts[i + 1] ?? diff.length))
      : diff.trim() === ''
        ? []
        : [diff];
  return pieces.map((piece) => ({ path: pathOf(piece), diff: piece }));
}

/** The new name, or the old one of a file that is gone. */
function pathOf(piece: string): string {
  const named = (sign: string) =>
    new RegExp(`^${sign} (?:"?[ab]/)?(.*?)"?$`, 'm').exec(piece)?.[1]?.replace(/\t.*$/, '') ?? '';
  const after = named('\\+\\+\\+');
  const before = named('---');
  const [, header = ''] = /^diff --git "?a\/.*? "?b\/(.*?)"?$/m.exec(piece) ?? [];
  return [after, before, header].find((path) => path !== '' && path !== '/dev/null') ?? '';
}
