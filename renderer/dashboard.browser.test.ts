import { describe, expect, test } from 'vitest';
import { emptyHostState } from '../contract/apply-event.ts';
import { sampleAnswer } from './test-support/sample-answers.ts';
import { sampleDashboard } from './test-support/sample-dashboard.ts';
import { browserBinary } from './test-support/browser.ts';
import { loaded, picture } from './test-support/open-page.ts';
import { startScriptedHost } from './test-support/scripted-host.ts';

const screens = [
  'overview',
  'approvals',
  'tasks/task_1',
  'processes/web',
  'bridge',
  'tunnels',
  'remote',
  'devices',
  'audit',
  'settings',
];
const now = Date.now();
describe.skipIf(browserBinary === undefined)(
  'the dashboard in a real browser under its content policy',
  { timeout: 120_000 },
  () => {
    const on = sampleDashboard(now);

    test.each(['light', 'dark'] as const)(
      'every screen is drawn in %s without one violation',
      async (scheme) => {
        for (const screen of screens) {
          const { page, faults } = await on.open(screen, { colorScheme: scheme });
          await loaded(page);
          if (screen === 'overview') await page.locator('canvas').waitFor();
          if (screen.startsWith('processes')) await page.locator('.log-row').first().waitFor();
          await picture(page, `${screen.replace('/', '-')}-${scheme}`);
          expect(faults, screen).toEqual([]);
          // What fits in the window must not push it wider.
          expect(
            await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
            screen,
          ).toBe(true);
          await page.close();
        }
      },
    );

    test('pairing draws a code and ends it when the dialog is closed', async () => {
      const { page, faults } = await on.open('devices/_pair');
      await page.getByRole('button', { name: 'Show code' }).waitFor();
      // The device that asks is in the dialog, and not behind it a second time.
      expect(await page.getByLabel('Code to compare').count()).toBe(1);
      await page.getByRole('button', { name: 'Show code' }).click();
      await page.getByTestId('pairing-qr').waitFor();
      await picture(page, 'pairing-light');
      await page.keyboard.press('Escape');
      await expect
        .poll(() => on.host.calls.some((call) => call.name === 'identity.cancelInvitation'))
        .toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('the palette leads anywhere by keyboard alone', async () => {
      const { page } = await on.open('overview');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('aud');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
      await page.close();
    });

    test('a lost host is named with the time of the last data, and comes back by itself', async () => {
      const { page } = await on.open('processes');
      on.host.reachable(false);
      await page
        .getByText('The connection to the host was lost')
        .or(page.getByText('The host cannot be reached'))
        .first()
        .waitFor();
      await page.getByText('This is what it said at').waitFor();
      expect(await page.getByRole('link', { name: 'worker' }).isVisible()).toBe(true);
      await picture(page, 'offline-light');
      on.host.reachable(true);
      await page.getByText('This is what it said at').waitFor({ state: 'detached', timeout: 30_000 });
      await page.close();
    });

    test('raising a mode says what becomes possible, and nothing is sent before that', async () => {
      const { page, faults } = await on.open('bridge');
      await page.getByRole('radiogroup', { name: 'Bash' }).getByText('Full').click();
      const dialog = page.getByRole('dialog', { name: 'Bash: Full?' });
      await dialog.getByText('Clients may ask to run any command').waitFor();
      await picture(page, 'raise-light');
      expect(on.host.calls.some((call) => call.name === 'bridge.setModes')).toBe(false);
      await dialog.getByRole('button', { name: 'Raise' }).click();
      await expect.poll(() => on.last('bridge.setModes')).toEqual({ bash: 'full' });
      // The scripted host refuses; the screen says so and the mode stays what the host says it is.
      await page.getByText('Set modes: not done').waitFor();
      expect(
        await page.getByRole('radiogroup', { name: 'Bash' }).getByRole('radio', { name: 'Off' }).isChecked(),
      ).toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a new task is given once, with a key that makes a repeat harmless', async () => {
      const { page, faults } = await on.open('tasks/_new');
      await page.getByRole('textbox', { name: 'What to do' }).fill('Tidy up');
      await picture(page, 'new-task-light');
      await page.getByRole('button', { name: 'Give task' }).click();
      await expect
        .poll(() => on.last('tasks.submit'))
        .toMatchObject({ agent: 'demo', workspace: 'ws_1', mode: 'ask', text: 'Tidy up' });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a tunnel is opened once it has what its kind needs, and a token made as it was chosen', async () => {
      const { page, faults } = await on.open('tunnels/_open');
      const dialog = page.getByRole('dialog');
      const start = dialog.getByRole('button', { name: 'Open tunnel' });
      expect(await start.isEnabled()).toBe(true);
      await dialog.getByRole('combobox', { name: 'Kind' }).selectOption('named');
      await dialog.getByRole('textbox', { name: 'Host name' }).fill(' box.example.org ');
      expect(await start.isDisabled()).toBe(true);
      await dialog.getByRole('textbox', { name: 'File with the tunnel token' }).fill('/tmp/token');
      await dialog.getByRole('combobox', { name: 'Closes by itself' }).selectOption('');
      await start.click();
      const opened = { driver: 'named', forMs: null, hostname: 'box.example.org', tokenFile: '/tmp/token' };
      await expect.poll(() => on.last('tunnels.open')).toEqual(opened);
      await page.goto(`${on.host.url}#/bridge/_token`);
      await dialog.getByRole('textbox', { name: 'Name' }).fill('editor');
      await dialog.getByRole('combobox', { name: 'May' }).selectOption('exec');
      await dialog.getByRole('combobox', { name: 'Workspace' }).selectOption('ws_1');
      await dialog.getByRole('combobox', { name: 'Expires' }).selectOption('7');
      await dialog.getByRole('button', { name: 'Create token' }).click();
      const made = { kind: 'mcp', name: 'editor', scope: 'exec', workspace: 'ws_1' };
      await expect.poll(() => on.last('gateway.createToken')).toMatchObject(made);
      const { expiresAt } = on.last('gateway.createToken') as { expiresAt: string };
      expect(Math.round((Date.parse(expiresAt) - Date.now()) / 86_400_000)).toBe(7);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('what fails behind a dialog is said in it: the list of notices is out of reach there', async () => {
      const { page, faults } = await on.open('tasks/_new');
      const failure = page.getByRole('dialog').getByRole('alert');
      await page.getByRole('textbox', { name: 'What to do' }).fill('Tidy up');
      expect(await failure.count()).toBe(0);
      await page.getByRole('button', { name: 'Give task' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      await page.goto(`${on.host.url}#/bridge/_token`);
      await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('editor');
      // What another dialog had to say is not said here again.
      expect(await failure.count()).toBe(0);
      await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      await page.goto(`${on.host.url}#/devices`);
      await page.getByRole('button', { name: 'Change keys…' }).click();
      expect(await failure.count()).toBe(0);
      await page.getByRole('dialog').getByRole('button', { name: 'Change keys' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('high contrast and reduced motion can be chosen and are remembered', async () => {
      const { page, faults } = await on.open('settings', { colorScheme: 'dark' });
      await page.getByRole('switch', { name: 'High contrast' }).click();
      await page.getByRole('switch', { name: 'Reduced motion' }).click();
      await page.reload();
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
      expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('contrastDark');
      expect(
        await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--sb-motion')),
      ).toBe('0ms');
      await page.getByText('bubblewrap is not installed', { exact: true }).waitFor();
      await picture(page, 'settings-contrast');
      await page.goto(`${on.host.url}#/approvals/ap_2`);
      await page.getByRole('button', { name: 'Allow once' }).waitFor();
      await picture(page, 'approvals-contrast');
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a host where nothing happened yet shows three steps, and every screen says what will appear', async () => {
      const fresh = await startScriptedHost({
        files: on.files,
        state: emptyHostState,
        answer: (name, input) => sampleAnswer(name, input, now),
        streams: () => '',
      });
      const { page, faults } = await on.open('overview', { url: fresh.url });
      await page.getByRole('region', { name: 'Three steps to the first task from a phone' }).waitFor();
      await picture(page, 'first-run-light');
      for (const screen of ['approvals', 'tasks', 'processes', 'bridge', 'tunnels', 'remote', 'devices']) {
        await page.goto(`${fresh.url}#/${screen}`);
        await page.locator('.empty').first().waitFor();
      }
      expect(faults).toEqual([]);
      await page.close();
      await fresh.close();
    });

    test('a browser that is not admitted shows its code and gets in once the owner agrees', async () => {
      const { page } = await on.open('overview');
      on.host.expel();
      await page.getByRole('button', { name: 'Ask to be admitted' }).click();
      expect(await page.getByTestId('admission-code').innerText()).toBe('135 790');
      await page.getByText('signalbox devices approve dev_9 135790').waitFor();
      await picture(page, 'admission-light');
      on.host.admit();
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await page.close();
    });
  },
);
