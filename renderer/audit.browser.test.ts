import { describe, expect, test } from 'vitest';
import { sampleDashboard } from './test-support/sample-dashboard.ts';
import { browserBinary } from './test-support/browser.ts';
import { picture } from './test-support/open-page.ts';

const now = Date.now();

describe.skipIf(browserBinary === undefined)(
  'the list of records in a real browser',
  { timeout: 120_000 },
  () => {
    const on = sampleDashboard(now);

    test('what the list of records shows can be chosen, exported as it is chosen, and pinned', async () => {
      const { page, faults } = await on.open('audit');
      await page.getByRole('combobox', { name: 'What' }).selectOption('approval');
      await page.getByRole('textbox', { name: 'Who' }).fill('device:');
      const filter = { types: ['approval'], actor: 'device:' };
      await expect.poll(() => on.last('audit.tail')).toMatchObject({ filter });
      await page.getByRole('button', { name: 'Export' }).click();
      const dialog = page.getByRole('dialog', { name: 'Export' });
      await dialog.getByText('of all others the hash').waitFor();
      await dialog.getByRole('textbox', { name: 'File on the host' }).fill('/tmp/part.txt');
      await dialog.getByRole('button', { name: 'Export' }).click();
      await page.getByText('7 records were written.').waitFor();
      expect(on.last('audit.export')).toEqual({ file: '/tmp/part.txt', filter });
      await page.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(() => on.last('audit.tail')).toEqual({ limit: 100 });
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByText('412 records fit the signed checkpoint.').waitFor();
      await page.getByRole('button', { name: 'Checkpoint' }).click();
      const pinned = page.getByRole('dialog', { name: 'Checkpoint' });
      await pinned.getByText('signalbox.local/ab sig=').waitFor();
      await pinned.getByText('the-key=').waitFor();
      await picture(page, 'audit-checkpoint-light');
      expect(faults).toEqual([]);
      await page.close();
    });

    test('old records are dropped only once the days to keep are typed, and what is left is said', async () => {
      const { page, faults } = await on.open('audit');
      await page.getByText('Every record since the first is kept whole.').waitFor();
      await page.getByRole('button', { name: 'Drop old records' }).click();
      const dialog = page.getByRole('dialog', { name: 'Drop old records?' });
      const days = dialog.getByRole('textbox', { name: 'Days to keep' });
      const drop = dialog.getByRole('button', { name: /^Drop/ });
      await days.fill('0');
      await dialog.getByText('This is not a whole number').waitFor();
      expect(await drop.isDisabled()).toBe(true);
      await days.press('Enter');
      expect(on.host.calls.some((call) => call.name === 'audit.prune')).toBe(false);
      await days.fill('90');
      await dialog.getByText('Their hashes stay').waitFor();
      await picture(page, 'audit-prune-light');
      await drop.click();
      await page.getByText('120 records were dropped.').waitFor();
      expect(on.last('audit.prune')).toEqual({ keepDays: 90 });
      const audit = { records: 412, oldestSeq: 120, state: 'ok', checkpointAt: null } as const;
      on.host.publish({ type: 'audit.grown', audit });
      await page.getByText('Records before 120 were dropped; their hashes are kept.').waitFor();
      await picture(page, 'audit-kept-light', true);
      expect(faults).toEqual([]);
      await page.close();
    });
  },
);
