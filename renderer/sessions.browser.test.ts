import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostError } from '../contract/errors.ts';
import type { TaskId } from '../contract/ids.ts';
import type { TimelineEntry } from '../contract/sessions.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleTimeline } from './test-support/sample-timeline.ts';
import {
  browserBinary,
  picturesFolder as pictures,
  startDashboard,
  type DashboardBench,
} from './test-support/browser.ts';
import type { ScriptedHost } from './test-support/scripted-host.ts';
import { answerSessions, sampleSession } from './test-support/session-answers.ts';

const now = Date.now();
const at = new Date(now - 50_000).toISOString();

/** 12,000 entries with every kind among them, and one word that stands once, far back. */
const long: TimelineEntry[] = Array.from({ length: 12_000 }, (_, seq): TimelineEntry => {
  if (seq === 40) return { seq, at, kind: 'message', text: 'the needle in the haystack' };
  if (seq % 10 === 0) return { seq, at, kind: 'user', text: `question ${seq}` };
  if (seq % 10 === 1) return { seq, at, kind: 'thought', text: `thinking ${seq}\nand more of it` };
  if (seq % 10 === 2)
    return {
      ...{ seq, at, kind: 'tool', toolCallId: `t${seq}`, title: `npm test ${seq}`, toolKind: 'execute' },
      ...{ state: 'completed', paths: [`src/file-${seq}.ts`], output: `output of ${seq}` },
    };
  return { seq, at, kind: 'message', text: `answer ${seq}\n\n- with\n- a list` };
});

const sessions = new Map(
  [
    sampleSession('s_open', now, {
      state: 'open',
      title: 'An open session',
      modes: {
        current: 'ask',
        available: [
          { id: 'ask', name: 'Ask first', description: 'asks before each change' },
          { id: 'code', name: 'Code', description: 'writes' },
        ],
      },
      options: [
        {
          ...{
            id: 'model',
            name: 'Model',
            description: '',
            category: 'model',
            type: 'select',
            value: 'small',
          },
          choices: [
            { id: 'small', name: 'Small', description: '', group: null },
            { id: 'big', name: 'Big', description: '', group: 'Costly' },
          ],
        },
        { id: 'fast', name: 'Fast answers', description: '', category: null, type: 'boolean', value: false },
      ],
      usage: {
        ...{ inputTokens: 12_000, outputTokens: 3400, cachedTokens: 800, totalTokens: 16_200 },
        ...{ contextUsed: 16_200, contextSize: 200_000, cost: { amount: 0.1234, currency: 'USD' } },
      },
    }),
    sampleSession('s_long', now, { title: 'A long one <img src=x onerror=alert(1)> \u202Etxt.exe' }),
    sampleSession('own-codex-01a1fc5c-7fa0', now, {
      ...{ origin: 'agent', agent: 'codex', taskId: null, startedBy: null, title: 'Begun in a terminal' },
      folder: 'packages/app',
    }),
    sampleSession('s_other', now, { title: 'To be deleted', agent: 'other' }),
  ].map((session) => [session.id as string, session]),
);

let isBroken = false;

function answer(name: string, input: unknown): unknown {
  if (isBroken && name === 'sessions.get') throw new HostError('internal', 'the disk gave an error');
  if (name === 'tasks.submit') return Object.values(sampleState(now).tasks)[0];
  return answerSessions(name, input, sessions, (id) => (id === 's_long' ? long : sampleTimeline(now)));
}

describe.skipIf(browserBinary === undefined)(
  'the screen of sessions in a real browser',
  { timeout: 120_000 },
  () => {
    let dashboard: DashboardBench | undefined;
    let browser: Browser;
    let host: ScriptedHost;

    beforeAll(async () => {
      dashboard = await startDashboard({ state: sampleState(now), streams: () => '', answer });
      ({ browser, host } = dashboard);
    }, 120_000);

    afterAll(() => dashboard?.close());

    async function open(
      hash: string,
      colorScheme: 'light' | 'dark' = 'light',
    ): Promise<{ page: Page; faults: string[] }> {
      const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, colorScheme });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('/host')) faults.push(message.text());
      });
      await page.goto(`${host.url}#/${hash}`);
      page.setDefaultTimeout(10_000);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      return { page, faults };
    }

    const shot = async (page: Page, name: string): Promise<void> => {
      if (!pictures) return;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    };
    const callsOf = (name: string) =>
      host.calls.filter((call) => call.name === name).map(({ input }) => input);

    test.each(['light', 'dark'] as const)(
      'the list and a session are drawn in %s without a fault',
      async (scheme) => {
        const { page, faults } = await open('sessions/s_open', scheme);
        await page
          .getByRole('list', { name: 'Sessions' })
          .getByRole('link', { name: /An open session/ })
          .waitFor();
        const timeline = page.getByRole('region', { name: 'Timeline' });
        await timeline.getByText('Write the fix').waitFor();
        expect(await timeline.getByRole('progressbar', { name: '1 of 3 done' }).count()).toBe(1);
        expect(await page.getByText('16,200 tokens · 12,000 in').count()).toBe(1);
        await shot(page, `sessions-${scheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
          true,
        );
        expect(faults).toEqual([]);
        await page.close();
      },
    );

    test('what agents wrote is text: no markup, no picture, no link, and hidden characters named', async () => {
      const { page, faults } = await open('sessions/s_long');
      await page.getByRole('heading', { level: 2, name: /A long one/ }).waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(await page.content()).not.toContain('\u202E');
      const { page: other } = await open('sessions/s_open');
      await other.getByText('the docs').waitFor();
      expect(await other.getByRole('link', { name: 'the docs' }).count()).toBe(0);
      expect(faults).toEqual([]);
      await page.close();
      await other.close();
    });

    test('12,000 entries: only what is looked at is drawn, from the newest on, older ones when asked for', async () => {
      const { page } = await open('sessions/s_long');
      const timeline = page.getByRole('region', { name: 'Timeline' });
      await timeline.getByText('answer 11999').waitFor();
      expect(await timeline.getByRole('listitem').count()).toBeLessThan(80);
      expect(await page.getByRole('button', { name: 'Jump to the newest' }).count()).toBe(0);

      await timeline.evaluate((element) => element.scrollTo(0, 0));
      await timeline.getByRole('button', { name: 'Show earlier entries' }).click();
      await page.getByRole('button', { name: 'Jump to the newest' }).waitFor();
      expect(callsOf('sessions.timeline').at(-1)).toMatchObject({ beforeSeq: 11_500, epoch: 'e1' });
      await page.getByRole('button', { name: 'Jump to the newest' }).click();
      await timeline.getByText('answer 11999').waitFor();
      await page.close();
    });

    test('a search looks through all of a timeline and goes from match to match', async () => {
      const { page } = await open('sessions/s_long');
      const field = page.getByRole('searchbox', { name: 'Search the timeline' });
      await field.fill('needle in');
      await page.getByText('1 of 1').waitFor({ timeout: 100_000 });
      await page.getByText('the needle in the haystack').waitFor();
      await shot(page, 'sessions-search');
      await field.fill('npm test 1192');
      await page.getByText('2 of 2').waitFor();
      await field.press('Enter');
      await page.getByText('1 of 2').waitFor();
      await field.press('Escape');
      expect(await field.inputValue()).toBe('');
      await page.close();
    });

    test('thinking and tool calls are folded, open by keyboard, and stay open when they are scrolled away', async () => {
      const { page } = await open('sessions/s_open');
      const timeline = page.getByRole('region', { name: 'Timeline' });
      const tool = timeline.locator('summary', { hasText: 'Read src/price.ts' });
      await tool.waitFor();
      const output = timeline.locator('pre').getByText('export const price = 1;', { exact: true });
      expect(await output.count()).toBe(0);
      await tool.focus();
      await page.keyboard.press('Enter');
      await output.waitFor();
      expect(
        await timeline.getByRole('link', { name: 'Run git push origin main' }).getAttribute('href'),
      ).toBe('#/approvals/ap_1');
      await page.close();

      const { page: long } = await open('sessions/s_long');
      const box = long.getByRole('region', { name: 'Timeline' });
      await box.locator('summary', { hasText: 'npm test 11992' }).click();
      await box.getByText('output of 11992').waitFor();
      await box.evaluate((element) => element.scrollTo(0, 0));
      await box.getByText('output of 11992').waitFor({ state: 'detached' });
      await long.getByRole('button', { name: 'Jump to the newest' }).click();
      await box.getByText('output of 11992').waitFor();
      await long.close();
    });

    test('the settings of an open session are what its agent offers', async () => {
      const { page } = await open('sessions/s_open');
      await page.getByLabel('Mode', { exact: true }).selectOption('code');
      await page.getByText('The mode was set.').waitFor();
      expect(callsOf('sessions.setMode').at(-1)).toEqual({ sessionId: 's_open', modeId: 'code' });
      await page.getByLabel('Model').selectOption({ label: 'Costly: Big' });
      await page.getByRole('switch', { name: 'Fast answers' }).click();
      await page.getByText('The option was set.').nth(1).waitFor();
      expect(callsOf('sessions.setOption')).toEqual([
        { sessionId: 's_open', optionId: 'model', value: 'big' },
        { sessionId: 's_open', optionId: 'fast', value: true },
      ]);
      await page.getByRole('button', { name: 'Stop the turn' }).click();
      await page.getByText('The agent was told to stop.').waitFor();
      await page.close();
    });

    test('going on with a session that an agent began reads only, unless a person chooses otherwise', async () => {
      const { page } = await open('sessions/own-codex-01a1fc5c-7fa0');
      await page.getByText('orchard/packages/app').waitFor();
      await page.getByRole('button', { name: 'Go on' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.getByRole('radio', { name: 'Read only' }).isChecked()).toBe(true);
      await shot(page, 'sessions-continue');
      await dialog.getByRole('textbox', { name: 'What to do' }).fill('go on, please');
      await dialog.getByRole('button', { name: 'Give task' }).click();
      await page.waitForURL(/#\/tasks\//);
      expect(callsOf('tasks.submit').at(-1)).toMatchObject({
        ...{ agent: 'codex', workspace: 'ws_1', session: 'own-codex-01a1fc5c-7fa0', mode: 'read' },
        text: 'go on, please',
      });
      await page.close();
    });

    test('a session is deleted after a question, found among the deleted, and restored', async () => {
      const { page } = await open('sessions/s_other');
      await page.getByRole('button', { name: 'Delete' }).click();
      const dialog = page.getByRole('dialog', { name: 'Delete this session?' });
      await dialog.getByText('can be restored for 30 days').waitFor();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('The session is deleted.').waitFor();
      const list = page.getByRole('list', { name: 'Sessions' });
      await list.getByRole('link', { name: /To be deleted/ }).waitFor({ state: 'detached' });
      await page.getByText('Deleted', { exact: true }).first().click();
      await list.getByRole('link', { name: /To be deleted/ }).click();
      await page.goto(`${host.url}#/sessions/s_other`);
      await page.reload();
      await page.getByText('can be restored for 30 more days').waitFor();
      await page.getByRole('button', { name: 'Restore' }).click();
      await page.getByText('The session is back.').waitFor();
      await page.close();
    });

    test('what happens while the screen is open is on it at once', async () => {
      const { page } = await open('sessions');
      await page.getByRole('list', { name: 'Sessions' }).waitFor();
      host.publish({
        type: 'session.changed',
        session: sampleSession('s_new', Date.now(), {
          title: 'Begun just now',
          createdAt: new Date().toISOString(),
          taskId: 'task_9' as TaskId,
        }),
      });
      await page.getByRole('link', { name: /Begun just now/ }).waitFor();
      await page.close();
    });

    test('a session that somebody else deletes leaves the list at once, and is found among the deleted', async () => {
      const { page } = await open('sessions');
      const title = 'Deleted on the command line';
      const link = page
        .getByRole('list', { name: 'Sessions' })
        .getByRole('link', { name: new RegExp(title) });
      const session = sampleSession('s_gone', Date.now(), { title });
      sessions.set('s_gone', session);
      host.publish({ type: 'session.changed', session });
      await link.click();
      await page.getByRole('heading', { level: 2, name: title }).waitFor();
      const deletedAt = new Date().toISOString();
      sessions.set('s_gone', { ...session, state: 'deleted', deletedAt });
      host.publish({ type: 'session.removed', sessionId: session.id });
      await link.waitFor({ state: 'detached' });
      // The one that is open says what became of it, and the way back.
      await page.getByRole('button', { name: 'Restore' }).waitFor();
      await page.getByText('Deleted', { exact: true }).first().click();
      await link.waitFor();
      sessions.delete('s_gone');
      host.publish({ type: 'session.removed', sessionId: session.id });
      await link.waitFor({ state: 'detached' });
      await page.close();
    });

    test('a session that could not be asked for is not said to be gone, and is asked for again', async () => {
      // The list does not know it, so that only the host does.
      const title = 'Deleted long ago';
      const deletedAt = new Date(now - 86_400_000).toISOString();
      sessions.set('s_old', sampleSession('s_old', now, { title, state: 'deleted', deletedAt }));
      isBroken = true;
      const { page } = await open('sessions/s_old');
      await page.getByRole('alert').getByText('the disk gave an error').waitFor();
      expect(await page.getByText('There is no session of this id any more.').count()).toBe(0);
      isBroken = false;
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { level: 2, name: title }).waitFor();
      await page.close();
    });

    test('stores of agents are chosen one by one', async () => {
      const { page } = await open('sessions');
      await page.getByRole('button', { name: 'Stores of agents' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('3 sessions, 1 left out').waitFor();
      await shot(page, 'sessions-stores');
      await dialog.getByRole('checkbox', { name: 'Read the sessions of claude' }).click();
      await page.getByText('The choice was kept.').waitFor();
      expect(callsOf('sessions.readOwn').at(-1)).toEqual({ stores: ['codex', 'claude'] });
      await page.close();
    });

    test('without a host the last that was seen stays, and what cannot be had is said with a way to try again', async () => {
      const { page } = await open('sessions/s_open');
      await page.getByText('Write the fix').waitFor();
      host.reachable(false);
      await page.getByText('The connection to the host was lost.').waitFor();
      expect(await page.getByText('Write the fix').count()).toBe(1);
      host.reachable(true);
      await page
        .getByText('The connection to the host was lost.')
        .waitFor({ state: 'detached', timeout: 60_000 });
      await page.goto(`${host.url}#/sessions/s_unknown`);
      await page.getByText('There is no session of this id any more.').waitFor();
      await page.close();
    });
  },
);
