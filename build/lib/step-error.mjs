/** A step that failed in a way its reader can mend. `detail` is the end of what the failed tool said. */
export class StepError extends Error {
  /**
   * @param {string} message what went wrong
   * @param {{ mend?: string, detail?: string }} [facts]
   */
  constructor(message, { mend = '', detail = '' } = {}) {
    super(message);
    this.name = 'StepError';
    this.mend = mend;
    this.detail = detail;
  }
}

/**
 * The last lines of a tool's output, where the reason usually stands.
 * @param {string} text
 * @param {number} [count] lines
 */
export function lastLines(text, count = 25) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
