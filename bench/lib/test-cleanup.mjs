// Stands in for vitest when the test host runs inside a measurement: what it would clean up after a test is done at the end.
/** @type {(() => unknown)[]} */
const jobs = [];

/** @param {() => unknown} job */
export const onTestFinished = (job) => void jobs.push(job);

/** Newest first, as a test runner does. */
export async function cleanUp() {
  for (const job of jobs.splice(0).reverse()) await job();
}
