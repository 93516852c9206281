import { readText } from './stamp.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Counts} */
export const NO_CASES = { passed: 0, failed: 0, skipped: 0 };

/** @param {unknown} value */
const count = (value) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0);

/** @param {unknown} value @returns {Record<string, unknown>} */
const record = (value) => (typeof value === 'object' && value !== null ? { ...value } : {});

/**
 * Reads the JSON report of Vitest or Jest, which share a shape. A file that did not even load has no cases; it counts
 * as one failure.
 * @param {unknown} report
 * @returns {Counts}
 */
export function countsOfRunner(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = record(report);
  const files = Array.isArray(testResults) ? testResults.map(record) : [];
  const unloaded = files.filter((file) => {
    const cases = Array.isArray(file['assertionResults']) ? file['assertionResults'].map(record) : [];
    return file['status'] === 'failed' && !cases.some((one) => one['status'] === 'failed');
  });
  return {
    passed: count(numPassedTests),
    failed: count(numFailedTests) + unloaded.length,
    skipped: count(numPendingTests) + count(numTodoTests),
  };
}

/**
 * Reads `{ passed, failed, skipped }`, which the journeys write.
 * @param {unknown} report
 * @returns {Counts}
 */
export function countsOfJourneys(report) {
  const { passed, failed, skipped } = record(report);
  return { passed: count(passed), failed: count(failed), skipped: count(skipped) };
}

/**
 * @param {string} file
 * @param {(report: unknown) => Counts} read
 * @returns {Counts | undefined} undefined when there is no readable report
 */
export function readCounts(file, read) {
  try {
    return read(JSON.parse(readText(file) ?? ''));
  } catch {
    return undefined;
  }
}

/**
 * What a step adds to the totals. A tool that failed without a failing case (a lint error, a crash) is one failure, so
 * that the closing line can never say "0 failed" after a failure.
 * @param {Counts | undefined} counts from the report
 * @param {boolean} succeeded the tool's own verdict
 * @returns {Counts}
 */
export function settle(counts, succeeded) {
  const known = counts ?? NO_CASES;
  return !succeeded && known.failed === 0 ? { ...known, failed: 1 } : known;
}

/** @param {readonly Counts[]} all @returns {Counts} */
export function total(all) {
  return all.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    NO_CASES,
  );
}
