import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlbum, type Album } from '../support/browser.ts';
import { writeCameraVideo } from '../support/camera-video.ts';
import { startDesktop, type DesktopApp } from '../support/electron.ts';
import { git, outputFolder, tempFolder, tempRepository, type TempFolder } from '../support/folders.ts';
import { readPng } from '../support/png-pixels.ts';
import { runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { within } from '../support/within.ts';
import { startPhone, type Phone } from './phone.ts';

// One pairing for the whole file: each test is the next thing that the owner does.
const TASK = 'In README.md replace "old words" with "new words"';
let desktop: DesktopApp;
let repository: TempFolder;
let work: TempFolder;
let album: Album;
let dashboard: Page;
let phone: Phone;
let thief: Phone | null = null;

beforeAll(async () => {
  album = createAlbum(outputFolder('journey'));
  work = tempFolder('journey');
  repository = tempRepository({ 'README.md': '# Hello\n\nold words\n' });
  desktop = await startDesktop();
  await until('the host answers', async () => (await cli('status')).code === 0);
  dashboard = await desktop.dashboard();
});

afterAll(async () => {
  await thief?.close();
  await phone?.close();
  await desktop?.stop();
  repository?.remove();
  work?.remove();
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    if (!dashboard.isClosed()) await album.add('failed-dashboard', dashboard);
    if (phone) await album.add('failed-phone', phone.page);
  });
});

const cli = (...args: string[]) => runCli(desktop.root, args, { env: { XDG_RUNTIME_DIR: desktop.root } });
const video = () => join(work.path, 'camera.y4m');
const go = (screen: string) => dashboard.locator(`nav a[href="#/${screen}"]`).click();

test('the first run leads the owner to a folder', async () => {
  await dashboard.getByRole('heading', { name: 'Three steps to the first task from a phone' }).waitFor();
  await album.add('dashboard-first-run', dashboard);
  await dashboard.getByLabel('Path of the folder').fill(repository.path);
  await dashboard.getByRole('button', { name: 'Add folder' }).click();
  await dashboard.getByText('Agents may work in 1 folder.').waitFor();
  await album.add('dashboard-folder-added', dashboard);
});

test('a phone that films the code is admitted when its owner has compared six digits', async () => {
  await go('devices');
  await dashboard.getByRole('button', { name: 'Pair a phone' }).click();
  await dashboard.getByRole('button', { name: 'Show code' }).click();
  const qr = dashboard.getByTestId('pairing-qr');
  await qr.waitFor();
  await album.add('dashboard-code', dashboard);
  writeCameraVideo(video(), readPng(await qr.screenshot()));

  phone = await startPhone(video());
  const code = await phone.scan(await companion());
  await album.add('phone-code', phone.page);
  const pending = dashboard.getByLabel('Code to compare').first();
  await pending.waitFor();
  await album.add('dashboard-pending', dashboard);
  expect((await pending.innerText()).replaceAll(/\s/g, '')).toBe(code);
  // The code is taken, so it is shown no longer: nobody else can film it.
  await expect.poll(() => qr.count()).toBe(0);
  const finished = phone.finishPairing(album);
  await phone.page.getByText(/^Now approve this device on /).waitFor();
  await dashboard.getByRole('button', { name: 'Approve', exact: true }).first().click();
  await finished;
  await dashboard.keyboard.press('Escape');
  await dashboard.getByRole('cell', { name: 'Connected' }).waitFor();
  await album.add('dashboard-paired', dashboard);
  await album.add('phone-inbox-empty', phone.page);
});

test('the same code filmed by somebody else is refused, and the owner is alarmed', async () => {
  thief = await startPhone(video());
  const { page } = thief;
  await page.goto(await companion());
  await page.getByRole('button', { name: 'Pair with a host' }).tap();
  await page.getByText(/older than two minutes or was used already/).waitFor({ timeout: 30_000 });
  await album.add('thief-refused', page);
  await dashboard.getByRole('alert').filter({ hasText: 'A pairing code was used twice' }).waitFor();
  await album.add('dashboard-alarm', dashboard);
  expect(await dashboard.getByRole('row').filter({ hasText: 'Phone' }).count()).toBe(1);
  await dashboard.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(() => dashboard.getByRole('alert').count()).toBe(0);
});

test('a task from the phone waits for an answer, is approved on the phone, and changes the file', async () => {
  await phone.submitTask(TASK, 'Demo agent', album);
  await phone.openApproval('README.md');
  await album.add('phone-approval', phone.page);
  await phone.page.getByText('new words').waitFor();

  await go('approvals');
  await dashboard.getByRole('heading', { name: /README\.md/ }).waitFor();
  await dashboard.getByText('new words').first().waitFor();
  await album.add('dashboard-approval', dashboard);
  expect(readFileSync(join(repository.path, 'README.md'), 'utf8')).toContain('old words');

  await phone.page.getByRole('button', { name: 'Approve', exact: true }).tap();
  await phone.page.getByText(/^Approved and done by this device/).waitFor();
  await album.add('phone-approved', phone.page);
  await phone.page.goBack();
  await phone.openTask('In README.md', 'Done');
  await album.add('phone-done', phone.page);

  await go('tasks');
  await dashboard.getByRole('link', { name: /In README\.md/ }).click();
  await dashboard.getByText('Done', { exact: true }).first().waitFor();
  await album.add('dashboard-done', dashboard);
  expect(readFileSync(join(repository.path, 'README.md'), 'utf8')).toBe('# Hello\n\nnew words\n');
  expect(git(repository.path, 'status', '--short')).toBe(' M README.md\n');
  await go('approvals');
  await dashboard.getByRole('tab', { name: 'History' }).click();
  await dashboard.getByText('Allowed, done').waitFor();
  await album.add('dashboard-history', dashboard);
  await go('overview');
  await dashboard.getByText('Running now').waitFor();
  await album.add('dashboard-overview', dashboard);
});

test('the record of it all verifies, and a copy that was changed does not', async () => {
  const file = join(work.path, 'audit.txt');
  expect(await cli('audit', 'export', '--out', file, '--json')).toMatchObject({ code: 0, json: { file } });
  expect(await cli('audit', 'verify', file, '--json')).toMatchObject({ code: 0, json: { verdict: 'ok' } });
  const record = readFileSync(file, 'utf8');
  for (const type of [
    'device.approved',
    'device.paired',
    'pairing.reused',
    'task.submitted',
    'approval.requested',
    'approval.approved',
    'approval.executing',
  ]) {
    expect(record).toContain(`"${type}"`);
  }
  const tampered = join(work.path, 'tampered.txt');
  writeFileSync(tampered, record.replace('"approval.approved"', '"approval.denied"'));
  expect(await cli('audit', 'verify', tampered, '--json')).toMatchObject({
    code: 1,
    json: { verdict: 'broken-chain' },
  });
  const lines = record.split('\n');
  writeFileSync(tampered, [...lines.slice(0, -3), ''].join('\n'));
  expect((await cli('audit', 'verify', tampered, '--json')).code).toBe(1);
});

test('the app ends well while the phone is connected, and the phone says that it is alone', async () => {
  expect(phone.complaints).toEqual([]);
  desktop.app.process().kill('SIGTERM');
  expect(await within(20_000, 'the app ends', desktop.exited)).toBe(0);
  await phone.page
    .getByText(/is offline\. You see what it said/)
    .filter({ visible: true })
    .waitFor();
  await album.add('phone-offline', phone.page);
});

async function companion(): Promise<string> {
  const status = await cli('status', '--json');
  return (status.json as { listeners: { companion: string } }).listeners.companion;
}
