import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlbum, type Album } from '../support/browser.ts';
import { writeCameraVideo } from '../support/camera-video.ts';
import { cacheFolder } from '../support/npm-agent.ts';
import { outputFolder, tempFolder, tempHome, tempRepository, type TempFolder } from '../support/folders.ts';
import { descendants, processesNaming, stillAlive } from '../support/process-tree.ts';
import { askCli, runCli } from '../support/run-cli.ts';
import { startScriptedModel, type ScriptedModel } from '../support/scripted-model.ts';
import { serve, type Served } from '../support/serve.ts';
import { codex } from '../support/third-party-agents.ts';
import { until } from '../support/until.ts';
import { startPhone, type Phone } from './phone.ts';

// An agent that others wrote and released, driven from a phone; only the model behind it is ours, as there is no other
// here. It keeps its state, and makes its sandbox, outside the folder for temporary files, as it does for its users.
const TASK = 'Please make the file. [[run: touch made-by-codex.txt]]';
const REFUSED = 'Please make another. [[run: touch never-made.txt]]';
let album: Album;
let folders: TempFolder[] = [];
let home: string;
let repository: string;
let model: ScriptedModel;
let host: Served;
let phone: Phone;

function kept(folder: TempFolder): string {
  folders.push(folder);
  return folder.path;
}

beforeAll(async () => {
  album = createAlbum(outputFolder('third-party'));
  const program = await codex.install();
  model = await startScriptedModel();
  home = kept(tempHome());
  const own = kept(tempFolder('codex-home', join(cacheFolder(), 'work')));
  repository = kept(tempRepository({ 'README.md': '# Hello\n' }, join(cacheFolder(), 'work')));
  host = await serve(home);
  await askCli(home, ['workspace', 'add', repository, '--name', 'site']);
  const started = codex.prepare({ program, home: own, model: model.origin, folder: repository });
  const settings = Object.entries(started.env).map(([name, value]) => `${name}=${value}`);
  const argv = [realpathSync('/usr/bin/env'), ...settings, ...started.argv];
  await askCli(home, ['agents', 'add', 'codex', '--title', 'Codex', '--', ...argv]);
  const empty = join(kept(tempFolder('camera')), 'camera.y4m');
  writeCameraVideo(empty, { width: 1, height: 1, luma: new Uint8Array([255]) });
  phone = await startPhone(empty);
}, 400_000);

afterAll(async () => {
  await phone?.close();
  await host?.dispose();
  await model?.close();
  for (const folder of folders) folder.remove();
  folders = [];
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(() => album.add('failed', phone.page));
});

test('a phone is paired by the link, and the owner admits it at the command line', async () => {
  const { link } = await askCli<{ link: string }>(home, ['pair']);
  const code = await phone.openLink(link);
  // The secret of the link is not left standing in the address bar.
  expect(phone.page.url()).not.toContain('#');
  const device = await until('the phone asks', async () => {
    const { devices } = await askCli<{ devices: { id: string; checkCode: string }[] }>(home, [
      'devices',
      'pending',
    ]);
    return devices[0];
  });
  expect(device.checkCode).toBe(code);
  const wrong = code === '000000' ? '000001' : '000000';
  expect((await runCli(home, ['devices', 'approve', device.id, wrong, '--json'])).code).toBe(4);
  const finished = phone.finishPairing(album);
  await phone.page.getByText(/^Now approve this device on /).waitFor();
  await askCli(home, ['devices', 'approve', device.id, code]);
  await finished;
});

test('a command of the agent runs after it was approved on the phone', async () => {
  await phone.submitTask(TASK, 'Codex', album);
  await phone.openApproval('touch made-by-codex.txt');
  await album.add('phone-approval', phone.page);
  expect(existsSync(join(repository, 'made-by-codex.txt'))).toBe(false);
  // It runs with all rights of the account, so a short press is not enough.
  await phone.holdApprove();
  await phone.page.getByText(/^Approved.* by this device/).waitFor();
  await phone.page.goBack();
  await phone.openTask('Please make the file', 'Done');
  await album.add('phone-done', phone.page);
  expect(existsSync(join(repository, 'made-by-codex.txt'))).toBe(true);
  expect(model.turns()).toBeGreaterThanOrEqual(2);
});

test('a command that was denied on the phone does not run', async () => {
  await phone.page.goBack();
  await phone.submitTask(REFUSED, 'Codex', album);
  await phone.openApproval('touch never-made.txt');
  await phone.page.getByRole('button', { name: 'Deny', exact: true }).tap();
  await phone.page.getByText(/^Denied by this device/).waitFor();
  await album.add('phone-denied', phone.page);
  await until('the task has ended', async () => {
    const { tasks } = await askCli<{ tasks: { state: string }[] }>(home, ['task', 'list']);
    return (
      tasks.length === 2 && tasks.every(({ state }) => !['queued', 'running', 'waiting'].includes(state))
    );
  });
  expect(existsSync(join(repository, 'never-made.txt'))).toBe(false);
});

test('nothing of the agent runs on when the host has stopped', async () => {
  const children = descendants(host.pid);
  await host.stop();
  await until('every child has ended', () => stillAlive(children).length === 0);
  expect(processesNaming(join(cacheFolder(), 'work'))).toEqual([]);
  expect(phone.complaints).toEqual([]);
});
