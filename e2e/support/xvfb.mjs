import { spawn } from 'node:child_process';

/**
 * A display without a screen, on a number that is free.
 * @returns {Promise<{ name: string, stop(): Promise<void> }>}
 * @throws {Error} when Xvfb is not installed or does not start
 */
export async function startDisplay() {
  const child = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  /** @type {Promise<void>} */
  const exited = new Promise((done) => child.once('exit', () => done()));
  /** @type {Promise<string>} */
  const number = new Promise((done, fail) => {
    let text = '';
    child.stdio[3]?.on('data', (/** @type {Buffer} */ data) => {
      text += data.toString();
      if (text.includes('\n')) done(text.trim());
    });
    child.once('error', (error) => {
      fail(new Error(`Xvfb does not start (${error.message}); \`npm run setup\` installs it`));
    });
    child.once('exit', (code) => {
      fail(new Error(`Xvfb ended with code ${String(code)}`));
    });
  });
  return {
    name: `:${await number}`,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
