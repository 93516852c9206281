import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserBinary, startDashboard, type DashboardBench } from './test-support/browser.ts';
import { openPage, picture, type OpenedPage, type PageOptions } from './test-support/open-page.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleTimeline } from './test-support/sample-timeline.ts';
import { createScriptedRun } from './test-support/scripted-run.ts';
import { answerSessions, sampleSession } from './test-support/session-answers.ts';

const now = Date.now();
const state = sampleState(now);

const smoke = createScriptedRun('smoke');

function answer(name: string, input: unknown): unknown {
  const answers: Record<string, (input: unknown) => unknown> = {
    'tasks.steer': () => ({ ...state.tasks['task_2'], steered: 1 }),
    'tasks.retry': () => ({ ...state.tasks['task_2'], id: 'task_9', retryOf: 'task_4' }),
    'tasks.diff': () => ({
      ...{ taskId: 'task_3', source: 'git', final: true, takenAt: new Date(now).toISOString() },
      files: [{ path: 'CHANGELOG.md', change: 'modified', added: 1, removed: 1 }],
      diff: 'diff --git a/CHANGELOG.md b/CHANGELOG.md\n--- a/CHANGELOG.md\n+++ b/CHANGELOG.md\n@@ -1 +1 @@\n-old\n+new\n',
      ...{ redacted: false, truncated: false, note: '' },
    }),
    'tasks.actions': () => ({
      actions: [
        {
          ...{ name: 'smoke', argv: ['npm', 'run', 'smoke'], workspaceId: 'ws_1' },
          ...{ cwd: '.', timeoutMs: 60_000, risk: 'medium' },
        },
      ],
      logSources: [{ name: 'server', workspaceId: 'ws_1', path: 'log/server.log' }],
      unusable: [{ name: 'gone', reason: 'its folder is outside of the workspace' }],
    }),
    ...smoke.answers,
    'tasks.readLogSource': () => ({ name: 'server', text: 'GET / 200\n', truncated: true }),
  };
  return (
    answers[name]?.(input) ??
    answerSessions(name, input, new Map([['s_1', sampleSession('s_1', now)]]), () => sampleTimeline(now))
  );
}

describe.skipIf(browserBinary === undefined)(
  'the screen of tasks in a real browser',
  { timeout: 120_000 },
  () => {
    let bench: DashboardBench;

    beforeAll(async () => {
      bench = await startDashboard({ state, answer, streams: () => '' });
    }, 90_000);
    afterAll(() => bench.close());

    const open = (hash: string, options?: PageOptions): Promise<OpenedPage> => openPage(bench, hash, options);

    test('a task is found, steered, looked into, given again, and its budget is seen', async () => {
      const { page, faults } = await open('tasks');
      const last = (name: string) => bench.host.calls.findLast((call) => call.name === name)?.input;
      await page.getByRole('textbox', { name: 'Find a task' }).fill('worker');
      await page.getByRole('link', { name: /Find out why the worker restarts/ }).click();
      const card = page.getByRole('article', { name: 'Task' });
      await card.getByRole('textbox', { name: 'Tell it something else' }).fill('Look at the memory first');
      await card.getByRole('button', { name: 'Steer' }).click();
      await page.getByText('The agent was told.').waitFor();
      expect(last('tasks.steer')).toEqual({ taskId: 'task_2', text: 'Look at the memory first' });
      const running = state.tasks['task_2'];
      if (running?.state !== 'running') throw new Error('no such task');
      const usage = {
        ...{ inputTokens: 800, outputTokens: 100, cachedTokens: null, totalTokens: 900 },
        ...{ contextUsed: null, contextSize: null, cost: null },
      };
      bench.host.publish({
        type: 'task.changed',
        task: { ...running, revision: 2, usage, budget: { tokens: 1000 }, delivery: 'running' },
      });
      await card.getByRole('meter', { name: 'Tokens: 900 tokens of 1,000 tokens' }).waitFor();
      await picture(page, 'task-running-light', true);

      await page.getByRole('textbox', { name: 'Find a task' }).fill('nothing like it');
      await page.getByRole('button', { name: 'Show all' }).click();
      await page.getByRole('link', { name: /Update the changelog/ }).click();
      await card.getByRole('button', { name: 'Show the changes' }).click();
      await card.getByRole('figure', { name: /CHANGELOG.md/ }).waitFor();
      await page.getByRole('link', { name: /Upgrade the database/ }).click();
      await card.getByText('retry once the cause is mended').waitFor();
      await card.getByRole('button', { name: 'Retry' }).click();
      await page.getByText('Given again, as a new task.').waitFor();
      expect(last('tasks.retry')).toMatchObject({ taskId: 'task_4' });
      await page.getByText('This task is not on the list any more.').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('in a small window the task that is chosen comes into view, and every link of the rail has its name', async () => {
      const { page } = await open('tasks', { width: 800, height: 600 });
      await page.getByRole('link', { name: /Upgrade the database/ }).click();
      const card = page.getByRole('article', { name: 'Task' });
      const top = () => card.evaluate((element) => element.getBoundingClientRect().top);
      await card.waitFor();
      await expect.poll(top).toBeLessThan(100);
      await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Audit' }).waitFor();
      await page.getByRole('button', { name: 'Commands' }).waitFor();
      await page.close();
    });

    test('an action waits for its approval, shows what it prints as it comes, and says how it ended', async () => {
      const { page, faults } = await open('tasks/_predefined');
      const dialog = page.getByRole('dialog', { name: 'Actions and logs' });
      const output = dialog.getByRole('region', { name: 'Output of smoke' });
      await dialog.getByText('gone: its folder is outside').waitFor();
      await dialog.getByRole('button', { name: 'Run smoke' }).click();
      await dialog.getByText('It waits for an approval.').waitFor();
      expect(await dialog.getByRole('link', { name: 'Answer it' }).getAttribute('href')).toBe('#/approvals');
      smoke.allow();
      await dialog.getByText('It has been running for').waitFor();
      smoke.print('\u001B[32mcheck 1\u001B[0m\nwaiting\rdone\n');
      await expect.poll(() => output.innerText()).toBe('check 1\ndone\n');
      smoke.print('12 checks\u202E, all good\n');
      await output.getByText('12 checks⟦U+202E⟧, all good').waitFor();
      await picture(page, 'predefined-running');
      smoke.end({ exitCode: 3 });
      await dialog.getByText('Exit code 3 after 2.3 s.').waitFor();
      await dialog.getByRole('button', { name: 'Run smoke' }).waitFor();
      await dialog.getByRole('button', { name: 'Read server' }).click();
      await dialog.getByText('GET / 200').waitFor();
      await picture(page, 'predefined-ended');
      expect(faults).toEqual([]);
      await page.close();
    });

    test('an action that goes on is met again, follows its end unless one reads further up, and is stopped', async () => {
      const { page } = await open('tasks/_predefined', { width: 800, height: 600 });
      await page.getByRole('button', { name: 'Run smoke' }).click();
      await page.getByText('It waits for an approval.').waitFor();
      await page.keyboard.press('Escape');
      smoke.allow();
      smoke.print(Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join(''));
      await page.getByRole('link', { name: 'Actions and logs' }).click();
      const output = page.getByRole('region', { name: 'Output of smoke' });
      await output.getByText('line 399').waitFor();
      const fromEnd = () =>
        output.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
      await expect.poll(fromEnd).toBe(0);
      smoke.print('line 400\n');
      await output.getByText('line 400').waitFor();
      await expect.poll(fromEnd).toBe(0);
      await output.focus();
      await page.keyboard.press('Home');
      await expect.poll(() => output.evaluate((box) => box.scrollTop)).toBe(0);
      smoke.print('line 401\n');
      await output.getByText('line 401').waitFor();
      expect(await output.evaluate((box) => box.scrollTop)).toBe(0);
      // A lost connection leaves what was read, and it goes on after that.
      bench.host.reachable(false);
      await expect.poll(() => page.getByRole('button', { name: 'Stop smoke' }).isDisabled()).toBe(true);
      expect(await output.getByText('line 401').count()).toBe(1);
      bench.host.reachable(true);
      await expect
        .poll(() => page.getByRole('button', { name: 'Stop smoke' }).isDisabled(), { timeout: 30_000 })
        .toBe(false);
      smoke.print('line 402\n');
      await output.getByText('line 402').waitFor();
      await page.getByRole('button', { name: 'Stop smoke' }).click();
      await page.getByText('It was stopped. Ended by SIGTERM after 2.3 s.').waitFor();
      await page.close();
    });

    test('an action that was refused says why, and can be run again', async () => {
      const { page } = await open('tasks/_predefined');
      await page.getByRole('button', { name: 'Run smoke' }).click();
      smoke.refuse('the approval was denied: not now');
      await page.getByText('It did not run: the approval was denied: not now').waitFor();
      await page.getByRole('button', { name: 'Run smoke' }).waitFor();
      await page.close();
    });
  },
);
