import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  isAlive,
  press,
  processTree,
  ready,
  startAgain,
  startDesktop,
  type DesktopApp,
} from '../support/electron.ts';
import { startPanel, type Panel } from '../support/tray.ts';
import { until } from '../support/until.ts';

// One start of the app for the whole file: each test is a thing that a person does at the same icon.
let panel: Panel;
let desktop: DesktopApp;
let repository: string;

beforeAll(async () => {
  repository = mkdtempSync(join(tmpdir(), 'signalbox-repository-'));
  writeFileSync(join(repository, 'README.md'), 'old words\n');
  execFileSync('git', ['init', '-q', repository]);
  panel = await startPanel();
  desktop = await startDesktop();
  await ready(desktop);
});

afterAll(async () => {
  await desktop.stop();
  await panel.stop();
  rmSync(repository, { recursive: true, force: true });
});

const config = () => readFileSync(join(desktop.root, 'config.yaml'), 'utf8');
const checked = async (...path: string[]) => (await panel.entry(...path)).checked;
const question = () => desktop.page('app://ask/');
const closed = () =>
  until('the question is gone', () =>
    desktop.app.windows().every((page) => !page.url().startsWith('app://ask/')),
  );
const statusLine = async () => (await panel.menu())[0]?.label ?? '';

/** A command of the owner, by the preload's own function in a page of the app. */
async function call(name: string, input: unknown): Promise<{ ok: boolean; value: Record<string, unknown> }> {
  const page = await desktop.dashboard();
  const reply = await page.evaluate(
    async ([command, body]) => {
      const [service, verb] = (command as string).split('.') as [string, string];
      const api = (
        globalThis as unknown as { signalbox: Record<string, Record<string, (input: unknown) => unknown>> }
      ).signalbox;
      return api[service]?.[verb]?.(body);
    },
    [name, input],
  );
  return reply as { ok: boolean; value: Record<string, unknown> };
}

test('the icon registers with a panel, and no window is open', async () => {
  await until('one icon', async () => (await panel.items()).length === 1);
  expect(desktop.app.windows()).toEqual([]);
  expect(await statusLine()).toBe('Nothing is running');
  expect((await panel.tooltip()).join(' ')).not.toContain('README');
});

test('bash mode goes to safe at once: the file and the mark follow', async () => {
  expect(await checked('Bash mode', 'Off')).toBe(true);
  await panel.click('Bash mode', 'Safe');
  await until('the mark moves', () => checked('Bash mode', 'Safe'));
  expect(await checked('Bash mode', 'Off')).toBe(false);
  expect(config()).toMatch(/bash: safe/);
});

test('full bash mode asks first; no leaves everything as it is', async () => {
  await panel.click('Bash mode', 'Full');
  const page = await question();
  await expect(page.locator('#body').textContent()).resolves.toContain('ask to run any command');
  await press(page, 'no');
  await closed();
  await until('the mark is where it was', () => checked('Bash mode', 'Safe'));
  expect(await checked('Bash mode', 'Full')).toBe(false);
  expect(config()).toMatch(/bash: safe/);
});

test('full bash mode is on after a yes', async () => {
  await panel.click('Bash mode', 'Full');
  await press(await question(), 'yes');
  await until('the mark moves', () => checked('Bash mode', 'Full'));
  expect(config()).toMatch(/bash: full/);
  await panel.click('Bash mode', 'Off');
  await until('lowering asks nothing', () => checked('Bash mode', 'Off'));
});

test('a tunnel without an access token is refused, and the refusal says what to do', async () => {
  await panel.click('Tunnel', 'Quick, for 8 hours');
  await press(await question(), 'yes');
  const notice = await until('the refusal', async () => {
    const page = desktop.app.windows().find((one) => one.url().startsWith('app://ask/'));
    const text = await page?.locator('#body').textContent();
    return text?.includes('no access token exists') === true && page;
  });
  expect(await notice.locator('#yes').count()).toBe(0);
  await press(notice, 'no');
  await closed();
  expect(await checked('Tunnel', 'Off')).toBe(true);
});

test('pausing and going on', async () => {
  await panel.click('Pause all agents');
  await until('it is said', async () => (await statusLine()).includes('agents are paused'));
  await panel.click('Let agents go on');
  await until('it is said', async () => (await statusLine()) === 'Nothing is running');
});

test('"Open dashboard" opens one window, and closing it ends its process but not the app', async () => {
  await panel.click('Open dashboard');
  const page = await desktop.page('app://signalbox/');
  await until('the page is drawn', async () => (await page.locator('#root').textContent()) !== '');
  const withWindow = processTree(desktop.pid).length;
  await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().forEach((one) => one.close()),
  );
  await until('its process ends', () => processTree(desktop.pid).length < withWindow);
  await until('no window is left', () => desktop.app.windows().length === 0);
  expect(isAlive(desktop.pid)).toBe(true);
});

test('a pending approval changes the icon and the menu, and can be reviewed', async () => {
  const before = await panel.icon();
  await call('workspaces.add', { path: repository, name: 'demo' });
  const submitted = await call('tasks.submit', {
    agent: 'demo',
    workspace: 'demo',
    text: 'In README.md replace "old words" with "new words"',
    idempotencyKey: 'tray-journey-1',
  });
  expect(submitted.ok).toBe(true);
  const entry = await until('the approval is in the menu', async () =>
    (await panel.menu()).find((node) => node.label.startsWith('Needs you')),
  );
  expect(entry.children.map((node) => node.label)).toContain('Review…');
  expect(await statusLine()).toContain('1 needs you');
  await until('the icon changes', async () => (await panel.icon()).argb !== before.argb);
  expect((await panel.tooltip()).join(' ')).not.toMatch(/README|words/);
  await panel.click(entry.label, 'Review…');
  const page = await desktop.page('app://signalbox/');
  await until('the approval is on the screen', () => /#\/approvals\/.+/.test(page.url()));
});

test('a second start brings the dashboard to the front and ends', async () => {
  const { stdout } = await startAgain(desktop.root);
  expect(stdout).toContain('runs already');
  await until('an icon is there again', async () => (await panel.menu()).length > 5);
});

test('quitting asks about what runs, then leaves no process behind', async () => {
  const tree = processTree(desktop.pid);
  expect(tree.length).toBeGreaterThan(3);
  await panel.click('Quit');
  const page = await question();
  await expect(page.locator('#body').textContent()).resolves.toContain('1 task');
  await press(page, 'yes');
  expect(await desktop.exited).toBe(0);
  await until('every process is gone', () => tree.every((pid) => !isAlive(pid)));
});
