import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostError } from '../contract/errors.ts';
import type { ManagedProcess } from '../contract/supervisor.ts';
import { browserBinary, startDashboard, type DashboardBench } from './test-support/browser.ts';
import { openPage, picture, type OpenedPage, type PageOptions } from './test-support/open-page.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleFigures } from './test-support/sample-work.ts';
import { createScriptedLogs } from './test-support/scripted-log.ts';

const state = sampleState(Date.now());
const logs = createScriptedLogs();
const answers: Readonly<Record<string, (input: never) => unknown>> = {
  ...logs.answers,
  'supervisor.figures': () => sampleFigures(Date.now()),
};

/** A process of its own for each test, so that none reads what another has printed. */
const base = state.processes['web'];
if (!base || !('pid' in base)) throw new Error('no such process');
const named = (name: string, part: Partial<ManagedProcess> = {}): ManagedProcess =>
  ({ ...base, ...part, id: name, name, definition: { ...base.definition, name } }) as ManagedProcess;
const NAMES = ['tail', 'searched', 'streamed', 'wide', 'broken', 'lost', 'quiet', 'keys', 'one', 'two'];

const words = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i} GET /api/items/${from + i} 200`);

describe.skipIf(browserBinary === undefined)(
  'the log of a process in a real browser',
  { timeout: 120_000 },
  () => {
    let bench: DashboardBench;

    beforeAll(async () => {
      const processes = Object.fromEntries(NAMES.map((name) => [name, named(name)]));
      bench = await startDashboard({
        state: { ...state, processes },
        answer: (name, input) => answers[name]?.(input as never),
        streams: () => '',
      });
    }, 90_000);
    afterAll(() => bench.close());

    const open = (name: string, options?: PageOptions): Promise<OpenedPage> =>
      openPage(bench, `processes/${name}`, options);
    const table = (page: Page) => page.getByRole('table', { name: /^Log of/ });
    const field = (page: Page) => page.getByRole('textbox', { name: 'Search this log' });
    const hit = (page: Page) => page.locator('.log-row[data-hit]');
    const asked = (name: string) =>
      bench.host.calls.filter((call) => call.name === name).map(({ input }) => input);
    /** Nothing of it is cut off by the box that it is in. */
    const isWholeIn = async (row: Locator, box: Locator): Promise<boolean> => {
      const [inner, outer] = await Promise.all([row.boundingBox(), box.boundingBox()]);
      if (!inner || !outer) return false;
      return inner.y >= outer.y - 1 && inner.y + inner.height <= outer.y + outer.height + 1;
    };

    /** The number of the first row that is whole on the screen. */
    const topRow = async (page: Page): Promise<string | undefined> => {
      const top = (await table(page).boundingBox())?.y ?? 0;
      const boxes = await Promise.all(
        (await table(page).locator('.log-row').all()).map(
          async (one) => [await one.boundingBox(), one] as const,
        ),
      );
      const first = boxes.find(([box]) => box !== null && box.y >= top - 1)?.[1];
      return first?.locator('.log-number').innerText();
    };

    test('what is printed appears at once; paused, the lines stay where they are; followed, the newest are back', async () => {
      logs.print('tail', words(0, 500));
      const { page, faults } = await open('tail');
      await table(page).getByText('499 GET').waitFor();
      logs.print('tail', words(500, 501));
      await table(page).getByText('500 GET').waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      expect(await table(page).getByText('500 GET').count()).toBe(1);
      const top = await topRow(page);
      logs.print('tail', words(501, 700));
      await page.getByText('700 lines').waitFor();
      expect(await topRow(page)).toBe(top);
      expect(await isWholeIn(page.locator('.log-row', { hasText: '500 GET' }), table(page))).toBe(true);
      await picture(page, 'log-paused');
      await page.getByRole('button', { name: 'Follow' }).click();
      await table(page).getByText('699 GET').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('by keyboard: Home and PageUp leave the end, End goes back to it, Ctrl+F goes to the search', async () => {
      logs.print('keys', words(0, 2000));
      const { page } = await open('keys');
      await table(page).getByText('1999 GET').waitFor();
      await table(page).focus();
      await page.keyboard.press('Home');
      await table(page).getByText('0 GET /api/items/0 200', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Follow' }).waitFor();
      // The browser glides there: a key that is pressed on the way would be part of it.
      await expect.poll(() => table(page).evaluate((box) => box.scrollTop)).toBe(0);
      await page.keyboard.press('PageDown');
      await table(page).getByText('0 GET /api/items/0 200', { exact: true }).waitFor({ state: 'detached' });
      await page.keyboard.press('End');
      await table(page).getByText('1999 GET').waitFor();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await page.keyboard.press('PageUp');
      await table(page).getByText('1999 GET').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+f');
      await page.keyboard.type('items/77 ');
      await hit(page).getByText('items/77 ').waitFor();
      await page.keyboard.press('Escape');
      expect(await field(page).inputValue()).toBe('');
      await hit(page).waitFor({ state: 'detached' });
      await page.close();
    });

    test('a text is found from the newest on, then back and forth, with its lines around it, until there is none', async () => {
      logs.print('searched', words(0, 3000));
      logs.print('searched', ['an Error in the middle']);
      logs.print('searched', words(3000, 6000));
      logs.print('searched', ['another error at the end']);
      const { page, faults } = await open('searched');
      await table(page).getByText('another error at the end').waitFor();
      await field(page).fill('error');
      await hit(page).getByText('another error at the end').waitFor();
      await page.getByText('Line 6,002', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Previous' }).click();
      await hit(page).getByText('an Error in the middle').waitFor();
      expect(await hit(page).locator('mark').allInnerTexts()).toEqual(['Error']);
      await page.getByText('Line 3,001', { exact: true }).waitFor();
      // The lines before and after it are on the screen.
      await table(page).getByText('2999 GET').waitFor();
      await table(page).getByText('3000 GET').waitFor();
      expect(await isWholeIn(hit(page), table(page))).toBe(true);
      await picture(page, 'log-search');
      await page.getByRole('button', { name: 'Previous' }).click();
      await page.getByText('No further line fits.').waitFor();
      await hit(page).getByText('an Error in the middle').waitFor();
      await field(page).press('Enter');
      await hit(page).getByText('another error at the end').waitFor();
      await field(page).press('Shift+Enter');
      await hit(page).getByText('an Error in the middle').waitFor();
      await page.getByRole('button', { name: 'Match case' }).click();
      await hit(page).getByText('another error at the end').waitFor();
      await page.getByRole('button', { name: 'Previous' }).click();
      await page.getByText('No further line fits.').waitFor();
      await field(page).fill('no such words');
      await page.getByText('No line fits.').waitFor();
      expect(await hit(page).count()).toBe(0);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a pattern is searched for, and one that is none is said to be none', async () => {
      const { page } = await open('searched');
      await table(page).waitFor();
      await page.getByRole('button', { name: 'Pattern' }).click();
      await field(page).fill('items/(42|43) ');
      await hit(page).getByText('items/43 ').waitFor();
      await page.getByRole('button', { name: 'Previous' }).click();
      await hit(page).getByText('items/42 ').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await hit(page).getByText('items/43 ').waitFor();
      expect(asked('supervisor.searchLogs').at(-1)).toMatchObject({
        what: { kind: 'regex', pattern: 'items/(42|43) ' },
      });
      await field(page).fill('items/(');
      await page.getByText('Not searched: the pattern is not a regular expression').waitFor();
      await page.close();
    });

    test('a search through all processes shows lines with those around them, and each leads to its place', async () => {
      logs.print('one', [...words(0, 100), 'the needle of one', ...words(100, 900)]);
      logs.print('two', [...words(0, 300), 'the Needle of two', ...words(300, 900)]);
      const { page, faults } = await open('one');
      await table(page).waitFor();
      await page.getByRole('button', { name: 'All processes' }).click();
      await field(page).fill('the needle');
      const results = page.getByRole('region', { name: 'Found in the logs of all processes' });
      const two = results.getByRole('region', { name: 'two' });
      await two.getByText('the Needle of two').waitFor();
      await page.getByText('Found in 2 logs').waitFor();
      for (const near of ['298 GET', '299 GET', '300 GET', '301 GET']) await two.getByText(near).waitFor();
      expect(await two.locator('mark').allInnerTexts()).toEqual(['the Needle']);
      await picture(page, 'log-everywhere');
      await results.getByRole('button', { name: 'Show line 101 of one' }).click();
      await table(page).getByText('the needle of one').waitFor();
      await two.getByRole('button', { name: 'Show line 301 of two' }).focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/processes\/two$/);
      await page.getByRole('table', { name: 'Log of two' }).getByText('the Needle of two').waitFor();
      expect(await isWholeIn(table(page).getByText('the Needle of two'), table(page))).toBe(true);
      await page.getByRole('button', { name: 'Follow' }).waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('the streams are told apart and shown alone; what was typed and chosen stays', async () => {
      logs.print('streamed', ['to the screen']);
      logs.print('streamed', ['\u001B[31mto the errors\u001B[0m'], 'stderr');
      const { page } = await open('streamed');
      await table(page).getByText('to the errors').waitFor();
      expect(await table(page).locator('.log-stream').allInnerTexts()).toEqual(['out', 'err']);
      await page.getByRole('button', { name: 'Wrap' }).click();
      await field(page).fill('to the');
      await hit(page).getByText('to the errors').waitFor();
      await page.getByText('stdout', { exact: true }).click();
      await hit(page).getByText('to the screen').waitFor();
      expect(await table(page).getByText('to the errors').count()).toBe(0);
      expect(await field(page).inputValue()).toBe('to the');
      expect(await page.getByRole('button', { name: 'Wrap' }).getAttribute('aria-pressed')).toBe('true');
      await field(page).fill('errors');
      await page.getByText('No line fits.').waitFor();
      await page.getByText('stderr', { exact: true }).click();
      await hit(page).getByText('to the errors').waitFor();
      await page.getByRole('button', { name: 'Time' }).click();
      await table(page).getByText('10:20:30.456').waitFor();
      await page.close();

      const { page: quiet } = await open('quiet');
      await quiet.getByText('Nothing was written yet.').waitFor();
      await quiet.getByText('stderr', { exact: true }).click();
      await quiet.getByText('Nothing was written to this stream yet.').waitFor();
      await quiet.close();
    });

    test('long lines scroll sideways; wrapped, all of them is on the screen, the newest and the one that was found too', async () => {
      const long = (n: number) => `${n} ${`word${n} `.repeat(120)}end${n}`;
      logs.print(
        'wide',
        Array.from({ length: 400 }, (_, i) => long(i)),
      );
      const { page } = await open('wide', { width: 800, height: 600 });
      const rows = table(page).locator('.log-row');
      const row = (n: number) => rows.filter({ hasText: new RegExp(`end${n}$`) });
      await row(399).waitFor();
      expect(await table(page).evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      await page.getByRole('button', { name: 'Wrap' }).click();
      await expect.poll(() => table(page).evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true);
      await expect.poll(() => isWholeIn(row(399), table(page))).toBe(true);
      await picture(page, 'log-wrap');
      // Paused, the same lines stay; new ones do not push them away.
      const before = await topRow(page);
      await page.getByRole('button', { name: 'Pause' }).click();
      await expect.poll(() => topRow(page)).toBe(before);
      logs.print('wide', [long(400)]);
      await page.getByText('401 lines').waitFor();
      expect(await topRow(page)).toBe(before);
      // Any line can be brought up whole, the very last as well.
      await table(page).evaluate((box) => box.scrollTo(0, box.scrollHeight));
      await expect.poll(() => isWholeIn(row(400), table(page))).toBe(true);
      await field(page).fill('word211 ');
      await hit(page).waitFor();
      await expect.poll(() => isWholeIn(hit(page), table(page))).toBe(true);
      await field(page).fill('word400 ');
      await hit(page).getByText('400 word400').waitFor();
      await expect.poll(() => isWholeIn(hit(page), table(page))).toBe(true);
      await page.close();
    });

    test('without a host the lines stay and it is said; when it is back, what came meanwhile is there', async () => {
      logs.print('lost', words(0, 50));
      const { page } = await open('lost');
      await table(page).getByText('49 GET').waitFor();
      await field(page).fill('items/30 ');
      await hit(page).waitFor();
      bench.host.reachable(false);
      await page.getByText('There is no connection to the host: what was read stays').waitFor();
      expect(await hit(page).innerText()).toContain('items/30 ');
      await picture(page, 'log-offline');
      logs.print('lost', words(50, 60));
      bench.host.reachable(true);
      await page.getByText('60 lines').waitFor({ timeout: 30_000 });
      expect(await field(page).inputValue()).toBe('items/30 ');
      await page.getByRole('button', { name: 'Follow' }).click();
      await table(page).getByText('59 GET').waitFor();
      await page.close();
    });

    test('a log that cannot be read says why, and is read again when one asks for it', async () => {
      logs.print('broken', words(0, 30));
      const { page } = await open('broken');
      await table(page).getByText('29 GET').waitFor();
      logs.fail(new HostError('internal', 'the disk gave an error'));
      const alert = page.getByRole('alert');
      await alert.getByText('The log cannot be read: the disk gave an error').waitFor();
      expect(await table(page).getByText('29 GET').count()).toBe(1);
      logs.fail(null);
      logs.print('broken', words(30, 31));
      await alert.getByRole('button', { name: 'Try again' }).click();
      await table(page).getByText('30 GET').waitFor();
      expect(await alert.count()).toBe(0);
      await page.close();
    });

    test('what could not be written, and what is no longer kept, is said; the count of lines is not read out', async () => {
      logs.print('tail', ['one more']);
      logs.drop('tail', 100);
      const { page } = await open('tail');
      await table(page).getByText('one more').waitFor();
      await page.getByText('100 older lines are gone').waitFor();
      bench.host.publish({ type: 'process.changed', process: named('tail', { logsLost: 5_242_880 }) });
      await page
        .getByRole('status')
        .getByText('5.0 MiB of this run could not be written to its log')
        .waitFor();
      expect(
        await page
          .getByRole('status')
          .getByText(/\d lines/)
          .count(),
      ).toBe(0);
      await picture(page, 'log-lost');
      await page.close();
    });

    test('the lines that are shown can be taken along, and it is said that they were', async () => {
      const { page } = await open('tail');
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await table(page).getByText('one more').waitFor();
      await page.getByRole('button', { name: 'Copy the lines that are shown' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(copied).toMatch(/^\d+ GET [^]*699 GET \/api\/items\/699 200\none more\n$/);
      await page.close();
    });
  },
);
