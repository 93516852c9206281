import { spawn } from '@lydell/node-pty';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleProgram } from '../../testing/bundle.ts';
import { hostWithPlan, sayYes } from '../../testing/handoff-host.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

// The built command line in a real terminal, beside a whole host.

async function terminalLoop(options: string[]) {
  const { host, folder } = await hostWithPlan('# First\n\nCreate first.txt with one\n');
  const script = join(temporaryFolder('reviewer'), 'review.sh');
  writeFileSync(
    script,
    `if [ "$1" = 1 ]; then echo 'Create second.txt with two' > "$2"; v=FAIL; else v=PASS; fi
     echo "SIGNALBOX_REVIEW=$SIGNALBOX_REVIEW_NONCE $v"`,
  );
  const asked = sayYes(host, (title) => !title.startsWith('Go on'));
  const words = [
    ...[await bundleProgram('main/cli/main.ts'), '--home', host.root, 'handoff', 'loop', '--agent', 'demo'],
    ...['--workspace', folder, '--reviewer', `sh ${script} {{iteration}} {{plan_file}}`, ...options],
  ];
  const terminal = spawn(process.execPath, words, { cols: 200, rows: 50, cwd: folder, env: process.env });
  let shown = '';
  let look = () => {};
  terminal.onData((text) => {
    shown += text;
    look();
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    ...{ host, folder, asked, ended, type: (keys: string) => terminal.write(keys), shown: () => shown },
    /** Waits until the terminal shows this. */
    shows: (text: string) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (shown.includes(text)) resolve();
        };
        look();
      }),
  };
}

test('in a terminal the question before the next iteration is put there, with the plan, and answered there', async () => {
  const on = await terminalLoop(['--require-human-confirmation']);
  await on.shows('Go on? [y/N]');
  expect(on.shown()).toContain('Create second.txt with two');
  expect(existsSync(join(on.folder, 'second.txt'))).toBe(false);
  on.type('y\r');
  expect(await on.ended).toBe(0);
  expect(existsSync(join(on.folder, 'second.txt'))).toBe(true);
  expect(on.shown()).toContain('completed (pass)');
});

test('anything but yes is no', async () => {
  const on = await terminalLoop(['--require-human-confirmation']);
  await on.shows('Go on? [y/N]');
  on.type('\r');
  expect(await on.ended).toBe(1);
  expect(on.shown()).toContain('failed (human_cancelled)');
  expect(existsSync(join(on.folder, 'second.txt'))).toBe(false);
});

test('Ctrl+C at the question stops the loop', async () => {
  const on = await terminalLoop(['--require-human-confirmation']);
  await on.shows('Go on? [y/N]');
  on.type('\x03');
  expect(await on.ended).toBe(1);
  expect(on.shown()).toContain('interrupted (interrupted)');
  const states = Object.values(on.host.host.store.state.approvals).map(({ title, state }) => [title, state]);
  expect(states.filter(([title]) => title?.startsWith('Go on'))).toEqual([[expect.any(String), 'cancelled']]);
});
