import { createContext, Script } from 'node:vm';
import { HostError } from '../../../contract/errors.ts';

/** Finds the first line that fits, or null. */
export type FindLine = (lines: readonly string[]) => string | null;

/** A pattern may search one piece of output for this long. */
const SEARCH_MS = 100;

/** A line that contains the text, as it is. */
export function findText(text: string): FindLine {
  return (lines) => lines.find((line) => line.includes(text)) ?? null;
}

// The search runs inside a context with a deadline of the engine itself: some patterns take exponential time on some
// lines, and a regular expression cannot be interrupted from the thread that runs it in any other way.
const search = new Script(
  '{ const re = new RegExp(pattern, "u"); lines.findIndex((line) => re.test(line)); }',
);
const searchLoosely = new Script(
  '{ const re = new RegExp(pattern); lines.findIndex((line) => re.test(line)); }',
);

/**
 * A line that fits a regular expression.
 * @throws HostError `invalid_input` at once for a pattern that is none, and at the search for one that takes too long
 */
export function findPattern(pattern: string): FindLine {
  const script = usesUnicodeSyntax(pattern) ? search : searchLoosely;
  return (lines) => {
    const context = createContext({ pattern, lines: [...lines] });
    try {
      const index: unknown = script.runInContext(context, { timeout: SEARCH_MS });
      return typeof index === 'number' && index >= 0 ? (lines[index] ?? null) : null;
    } catch {
      throw new HostError(
        'invalid_input',
        `the pattern takes too long to search ${lines.length} lines; make it simpler`,
      );
    }
  };
}

/** Patterns are read in Unicode mode where they can be; older habits, like `\-`, are taken as well. */
function usesUnicodeSyntax(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').unicode;
  } catch {
    // Unicode mode is strict. Whether it is a pattern at all is decided without it.
  }
  try {
    return new RegExp(pattern).unicode;
  } catch (error) {
    throw new HostError('invalid_input', error instanceof Error ? error.message : 'the pattern is not valid');
  }
}
