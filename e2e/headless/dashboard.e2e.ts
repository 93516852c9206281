import { expect, onTestFinished, test } from 'vitest';
import { createAlbum, openBrowser } from '../support/browser.ts';
import { outputFolder } from '../support/folders.ts';
import { askCli, runCli } from '../support/run-cli.ts';
import { testHome, testServe } from './host-test.ts';

interface Pending {
  readonly id: string;
  readonly kind: string;
  readonly checkCode: string;
}

test('a browser is admitted by the code that it shows, and works like the window of the app', async () => {
  const home = testHome();
  const host = await testServe(home);
  const album = createAlbum(outputFolder('headless-dashboard'));
  const { page, context, complaints, close } = await openBrowser();
  onTestFinished(close);
  await page.goto(host.ready.dashboard);
  await page.getByRole('heading', { name: 'Admit this browser' }).waitFor();
  await album.add('stranger', page);
  await page.getByLabel('Name of this browser').fill('Desk');
  await page.getByRole('button', { name: 'Ask to be admitted' }).click();
  const shown = page.getByTestId('admission-code');
  await shown.waitFor();
  await album.add('code', page);
  const code = (await shown.innerText()).replaceAll(/\s/g, '');

  const { devices } = await askCli<{ devices: Pending[] }>(home, ['devices', 'pending']);
  expect(devices).toMatchObject([{ kind: 'browser', name: 'Desk', checkCode: code }]);
  const id = devices[0]?.id ?? '';
  await page.getByText(`signalbox devices approve ${id} ${code}`).waitFor();
  const wrong = code === '000000' ? '000001' : '000000';
  expect(await runCli(home, ['devices', 'approve', id, wrong, '--json'])).toMatchObject({ code: 4 });
  expect(await shown.isVisible()).toBe(true);
  await askCli(home, ['devices', 'approve', id, code]);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  await album.add('overview', page);

  // What is done there is done on the host.
  await page.goto(`${host.ready.dashboard}/#/processes`);
  await page.getByRole('heading', { name: 'Processes' }).waitFor();
  await askCli(home, ['run', 'web', '--ready', 'listening', '--shell', 'echo listening; sleep 600']);
  await page.getByText('web', { exact: true }).first().waitFor();
  await page.getByText('Ready', { exact: true }).first().waitFor();
  await album.add('processes', page);

  // A reload asks nobody again; another browser is as strange as this one was.
  await page.reload();
  await page.getByRole('heading', { name: 'Processes' }).waitFor();
  expect(complaints).toEqual([]);
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }]);
  const stranger = await openBrowser();
  onTestFinished(stranger.close);
  await stranger.page.goto(host.ready.dashboard);
  await stranger.page.getByRole('heading', { name: 'Admit this browser' }).waitFor();

  // Revoked, it is out within a second, without a reload.
  await askCli(home, ['devices', 'revoke', id]);
  await page.getByRole('heading', { name: 'Admit this browser' }).waitFor({ timeout: 5_000 });
  await album.add('revoked', page);
  // A browser that is still there does not keep the host from ending well.
  await host.stop();
});
