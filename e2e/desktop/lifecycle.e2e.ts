import { expect, test } from 'vitest';
import { lockHome } from '../../main/kernel/home-lock.ts';
import { homeLayout, makeHome as makeFolders } from '../../main/kernel/home.ts';
import { isAlive, makeHome, press, processTree, ready, startDesktop } from '../support/electron.ts';
import { until } from '../support/until.ts';

test('SIGTERM stops the host and leaves no process behind', async () => {
  const desktop = await startDesktop();
  await ready(desktop);
  const tree = processTree(desktop.pid);
  process.kill(desktop.pid, 'SIGTERM');
  expect(await desktop.exited).toBe(0);
  await until('every process is gone', () => tree.every((pid) => !isAlive(pid)));
  await desktop.stop();
});

test('a home that another host holds is left alone, and a window says how to open that host', async () => {
  const root = makeHome();
  const home = homeLayout(root);
  makeFolders(home);
  const unlock = lockHome(home.lock);
  const desktop = await startDesktop({ root });
  const page = await desktop.page('app://ask/');
  expect(await page.locator('#body').textContent()).toContain('signalbox status');
  await press(page, 'no');
  expect(await desktop.exited).toBe(0);
  unlock();
  await desktop.stop();
});
