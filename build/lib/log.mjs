import { StepError } from './step-error.mjs';

/** @param {number} since value of `performance.now()` */
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * One line for people, on stderr: stdout stays free for results.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs one named step and says when it starts and how long it took.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const started = performance.now();
  say(`- ${name} …`);
  try {
    const value = await work();
    say(`  done in ${seconds(started)}`);
    return value;
  } catch (error) {
    say(`  FAILED after ${seconds(started)}: ${name}`);
    throw error;
  }
}

/**
 * Tells a person what failed and how to mend it. Errors that are not a step's own keep their stack.
 * @param {unknown} error
 */
export function explain(error) {
  if (!(error instanceof StepError)) {
    say(error instanceof Error ? String(error.stack) : String(error));
    return;
  }
  say(`\n${error.message}`);
  if (error.detail) say(error.detail.replace(/^/gm, '  | '));
  if (error.mend) say(`To mend it: ${error.mend}`);
}
