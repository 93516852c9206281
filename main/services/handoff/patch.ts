import { HANDOFF_FOLDER } from '../../../contract/handoff.ts';

const inContext = (line: string): boolean =>
  new RegExp(`(?:^|[ \\t"])[ab]/${HANDOFF_FOLDER.replace('.', '\\.')}/`).test(line);

/**
 * A unified diff without the files of the context directory, which the handoff itself writes. Takes the form of git
 * and the plain one. Pure.
 */
export function withoutContextFolder(diff: string): string {
  const isGit = /^diff --git /m.test(diff);
  const starts = isGit ? /^(?=diff --git )/m : /^(?=--- (?:a\/|\/dev\/null\n\+\+\+ b\/))/m;
  return diff
    .split(starts)
    .filter((part) => {
      const [first = '', second = ''] = part.split('\n', 2);
      return !inContext(isGit ? first : `${first} ${second}`);
    })
    .join('');
}
