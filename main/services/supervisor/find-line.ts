import { createContext, Script, type Context } from 'node:vm';

/** What is wrong with a pattern, for whoever wrote it. The shim has no other errors: their schemas would cost it memory. */
export class PatternError extends Error {}

/** Finds the first line that fits, or null. */
export type FindLine = (lines: readonly string[]) => string | null;

/** A pattern may search one piece of output for this long. */
const SEARCH_MS = 100;
/** On a machine that is busy with others the deadline passes although little was computed: then it is tried again. */
const TRIES = 20;

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
 * @throws PatternError at once for a pattern that is none, and at the search for one that takes too long
 */
export function findPattern(pattern: string): FindLine {
  const script = usesUnicodeSyntax(pattern) ? search : searchLoosely;
  return (lines) => {
    const context = createContext({ pattern, lines: [...lines] });
    const before = process.cpuUsage();
    for (let tries = 1; tries <= TRIES && computedMs(before) < SEARCH_MS / 2; tries += 1) {
      const index = runFor(script, context);
      if (index !== null) return lines[index] ?? null;
    }
    throw new PatternError(`the pattern takes too long to search ${lines.length} lines; make it simpler`);
  };
}

/** The index of the line, -1 for none, null when the deadline passed first. */
function runFor(script: Script, context: Context): number | null {
  try {
    return Number(script.runInContext(context, { timeout: SEARCH_MS }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  }
}

function computedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
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
    throw new PatternError(error instanceof Error ? error.message : 'the pattern is not valid');
  }
}
