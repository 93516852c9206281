import { expect, test } from 'vitest';
import { NO_CASES, countsOfJourneys, countsOfRunner, readCounts, settle, total } from './test-results.mjs';

test('the counts of a runner are its cases', () => {
  const report = {
    numPassedTests: 7,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [],
  };
  expect(countsOfRunner(report)).toEqual({ passed: 7, failed: 1, skipped: 3 });
});

test('a test file that did not load is one failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ];
  expect(countsOfRunner({ numPassedTests: 1, numFailedTests: 1, testResults })).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
  });
});

test.each([null, 'text', [], { numPassedTests: -1 }, { numPassedTests: 'many' }])(
  'a report that makes no sense (%j) counts nothing',
  (report) => {
    expect(countsOfRunner(report)).toEqual(NO_CASES);
    expect(countsOfJourneys(report)).toEqual(NO_CASES);
  },
);

test('a missing report is told apart from an empty one', () => {
  expect(readCounts('/nonexistent/report.json', countsOfRunner)).toBeUndefined();
});

test('a tool that failed is never counted as nothing', () => {
  expect(settle(undefined, false).failed).toBe(1);
  expect(settle({ passed: 3, failed: 0, skipped: 0 }, false)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(settle({ passed: 3, failed: 2, skipped: 0 }, false).failed).toBe(2);
  expect(settle(undefined, true)).toEqual(NO_CASES);
});

test('failed cases count even when the tool said that all was well', () => {
  expect(settle({ passed: 0, failed: 2, skipped: 0 }, true).failed).toBe(2);
});

test('totals add up', () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  expect(total([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  expect(total([])).toEqual(NO_CASES);
});
