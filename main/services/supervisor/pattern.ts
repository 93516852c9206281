import { HostError } from '../../../contract/errors.ts';
import { findPattern as find, PatternError, type FindLine } from './find-line.ts';

/**
 * {@link find}, with errors that cross a boundary.
 * @throws HostError `invalid_input` at once for a pattern that is none, and at the search for one that takes too long
 */
export function findPattern(pattern: string): FindLine {
  const search = translated(() => find(pattern));
  return (lines) => translated(() => search(lines));
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PatternError) throw new HostError('invalid_input', error.message);
    throw error;
  }
}
