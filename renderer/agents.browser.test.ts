import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent } from '../contract/agents.ts';
import { commands } from '../contract/commands.ts';
import { HostError } from '../contract/errors.ts';
import { loaded } from './test-support/open-page.ts';
import { sampleState } from './test-support/sample-state.ts';
import {
  browserBinary,
  picturesFolder as pictures,
  startDashboard,
  type DashboardBench,
} from './test-support/browser.ts';
import type { ScriptedHost } from './test-support/scripted-host.ts';

const now = Date.now();

const codex: Agent = {
  id: 'codex',
  name: 'codex',
  title: 'Codex',
  source: 'user',
  state: 'available',
  argv: ['/usr/local/bin/codex-acp', '-c', 'model="a\u202Eb"', ''],
  envNames: ['CODEX_MODEL', 'WORK_TOKEN'],
  inherits: ['WORK_TOKEN'],
  version: '0.16.0',
  login: 'no',
  loginNote: 'no auth.json',
  keyVariable: null,
  mcp: false,
};

function startState() {
  const state = sampleState(now);
  return {
    ...state,
    agents: { ...state.agents, codex },
    remote: { ...state.remote, agents: ['demo', 'codex'] },
  };
}

let versionsFail = false;

function answer(name: string, input: unknown): unknown {
  const answers: Record<string, () => unknown> = {
    'agents.list': () => {
      if (versionsFail) throw new HostError('internal', 'no');
      return { agents: Object.values(startState().agents) };
    },
    'agents.configure': () => ({ ...codex, mcp: commands['agents.configure'].input.parse(input).mcp }),
    'agents.login': () => ({ ...codex, keyVariable: 'OPENAI_API_KEY' }),
    'agents.remove': () => ({}),
    'agents.add': () => {
      if (commands['agents.add'].input.parse(input).name === 'nowhere')
        throw new HostError('not_found', 'argv.0: there is no file /no/program');
      return { ...codex, id: 'mine', name: 'mine' };
    },
    'agents.check': () => ({
      name: 'codex',
      protocolVersion: 1,
      agent: { name: 'codex-acp', version: '0.16.0' },
      sessions: { load: true, resume: false, list: true, delete: false, fork: false, close: false },
      prompt: { image: true, audio: false, embeddedContext: true },
      mcp: { http: true, sse: false },
      authMethods: [{ id: 'chatgpt', name: 'Login with ChatGPT', description: '' }],
      session: 'login-required',
      problem: 'Authentication required',
      answeredAfterMs: 750,
    }),
  };
  return answers[name]?.();
}

describe.skipIf(browserBinary === undefined)(
  'the screen of agents in a real browser',
  { timeout: 120_000 },
  () => {
    let dashboard: DashboardBench | undefined;
    let browser: Browser;
    let host: ScriptedHost;

    beforeAll(async () => {
      dashboard = await startDashboard({ state: startState(), answer, streams: () => '' });
      ({ browser, host } = dashboard);
    }, 90_000);

    afterAll(() => dashboard?.close());

    async function open(hash: string, width = 1360): Promise<{ page: Page; faults: string[] }> {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('/host')) faults.push(message.text());
      });
      await page.goto(`${host.url}#/${hash}`);
      page.setDefaultTimeout(10_000);
      await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
      await loaded(page);
      return { page, faults };
    }

    async function picture(page: Page, name: string): Promise<void> {
      if (!pictures) return;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    }

    const lastCall = (name: string) => host.calls.findLast((call) => call.name === name)?.input;

    test('an agent shows what it is, how it is started, what it gets, and where it is served', async () => {
      const { page, faults } = await open('agents');
      const list = page.getByRole('list', { name: 'Agents of this machine' });
      expect(await list.getByRole('listitem').allInnerTexts()).toEqual([
        expect.stringMatching(/Codex\s+0\.16\.0\s+Ready\s+No login/),
        expect.stringMatching(/Demo agent\s+1\.0\.0\s+Ready\s+Needs no login/),
        expect.stringMatching(/Another agent\s+Program missing\s+Login unknown/),
      ]);
      await page.getByText('Choose an agent to see').waitFor();
      // By keyboard alone.
      await list.getByRole('link').first().focus();
      await page.keyboard.press('Enter');
      const tokens = page.getByRole('list', { name: 'Command, one token a line' }).getByRole('listitem');
      await expect
        .poll(() => tokens.allInnerTexts())
        .toEqual(['/usr/local/bin/codex-acp', '-c', 'model="a⟦U+202E⟧b"', '(empty)']);
      const text = await page.locator('main').innerText();
      for (const part of [
        'added by you',
        'No login · no auth.json',
        'CODEX_MODEL',
        'WORK_TOKEN (from the host)',
        'yes, at /acp/codex',
        'none is kept here',
      ]) {
        expect(text).toContain(part);
      }
      expect(lastCall('agents.list')).toEqual({ versions: true });
      await picture(page, 'agents-light');
      expect(faults).toEqual([]);
      await page.close();
    });

    test('handing over the bridge is asked for with what it means; taking it back is not', async () => {
      const { page } = await open('agents/codex');
      const toggle = page.getByRole('switch', { name: 'Hand it the MCP bridge' });
      await toggle.click();
      const dialog = page.getByRole('dialog', { name: 'Hand the bridge to codex?' });
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      expect(lastCall('agents.configure')).toBeUndefined();
      await toggle.click();
      await dialog.getByRole('button', { name: 'Hand it the MCP bridge' }).click();
      await expect.poll(() => lastCall('agents.configure')).toEqual({ name: 'codex', mcp: true });
      host.publish({ type: 'agent.changed', agent: { ...codex, mcp: true } });
      await expect.poll(() => toggle.isChecked()).toBe(true);
      await toggle.click();
      await expect.poll(() => lastCall('agents.configure')).toEqual({ name: 'codex', mcp: false });
      host.publish({ type: 'agent.changed', agent: codex });
      await page.close();
    });

    test('a check shows what the agent answered, with what keeps it from working', async () => {
      const { page } = await open('agents/codex');
      await page.getByRole('button', { name: 'Check codex' }).click();
      await page.getByText('it wants a login first: Authentication required').waitFor();
      const text = await page.locator('main').innerText();
      expect(text).toContain('ACP version 1');
      expect(text).toContain('codex-acp 0.16.0');
      expect(text).toContain('Login with ChatGPT');
      expect(lastCall('agents.check')).toEqual({ name: 'codex', session: true });
      await picture(page, 'agents-check-light');
      await page.close();
    });

    test('a key is typed unseen, sent once, and gone from the page', async () => {
      const { page } = await open('agents/codex');
      await page.getByRole('button', { name: 'Set a key for codex' }).click();
      const field = page.getByRole('dialog').getByLabel('Key');
      expect(await field.getAttribute('type')).toBe('password');
      const send = page.getByRole('dialog').getByRole('button', { name: 'Set a key' });
      await field.fill('short');
      expect(await send.isDisabled()).toBe(true);
      await field.fill('sk-private-0123456789');
      await page.keyboard.press('Enter');
      await page.getByText('codex gets its key from now on.').waitFor();
      expect(lastCall('agents.login')).toEqual({ name: 'codex', key: 'sk-private-0123456789' });
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await page.content()).not.toContain('sk-private-0123456789');
      await page.close();
    });

    test('an agent is added with its tokens in view; what the host refuses stands in the form', async () => {
      const { page } = await open('agents/_add');
      const dialog = page.getByRole('dialog', { name: 'Add an agent' });
      const add = dialog.getByRole('button', { name: 'Add an agent' });
      expect(await add.isDisabled()).toBe(true);
      await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('codex');
      await dialog.getByText('An agent of this name was added already.').waitFor();
      await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('nowhere');
      await dialog.getByRole('textbox', { name: 'Command' }).fill(`/no/program --title 'two words'`);
      const tokens = dialog.getByRole('list', { name: 'Command, one token a line' }).getByRole('listitem');
      expect(await tokens.allInnerTexts()).toEqual(['/no/program', '--title', 'two words']);
      await dialog.getByRole('textbox', { name: 'Variables' }).fill('WORK_TOKEN no-good');
      await dialog.getByText('Names are letters').waitFor();
      await dialog.getByRole('textbox', { name: 'Variables' }).fill('WORK_TOKEN, OTHER');
      await add.click();
      await dialog.getByRole('alert').getByText('there is no file /no/program').waitFor();
      await picture(page, 'agents-add-light');
      await dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('mine');
      await add.click();
      await expect.poll(() => page.url()).toContain('#/agents/mine');
      expect(lastCall('agents.add')).toMatchObject({
        name: 'mine',
        argv: ['/no/program', '--title', 'two words'],
        inherit: ['WORK_TOKEN', 'OTHER'],
        mcp: false,
        env: {},
      });
      await page.close();
    });

    test('removing is asked for once more, and only one that was added can be removed', async () => {
      const { page } = await open('agents/other');
      expect(await page.getByRole('button', { name: 'Remove' }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Check other' }).isDisabled()).toBe(true);
      await page.goto(`${host.url}#/agents/codex`);
      await page.getByRole('button', { name: 'Remove codex' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await expect.poll(() => lastCall('agents.remove')).toEqual({ name: 'codex' });
      host.publish({ type: 'agent.removed', name: 'codex' });
      await expect.poll(() => page.getByRole('link', { name: /Codex/ }).count()).toBe(0);
      await page.goto(`${host.url}#/agents/codex`);
      await page.getByText('There is no agent “codex” any more.').waitFor();
      host.publish({ type: 'agent.changed', agent: codex });
      await page.getByRole('button', { name: 'Remove codex' }).waitFor();
      await page.close();
    });

    test('versions that cannot be asked for are said so, and asked for again', async () => {
      versionsFail = true;
      const { page } = await open('agents');
      const failure = page.getByRole('alert').filter({ hasText: 'The versions could not be asked for.' });
      await failure.waitFor();
      versionsFail = false;
      await failure.getByRole('button', { name: 'Try again' }).click();
      await failure.waitFor({ state: 'detached' });
      await page.close();
    });

    test('while the host is away the last agents stay in view and nothing can be changed', async () => {
      const { page } = await open('agents/codex');
      host.reachable(false);
      await expect.poll(() => page.getByRole('button', { name: 'Check codex' }).isDisabled()).toBe(true);
      expect(await page.getByRole('switch', { name: 'Hand it the MCP bridge' }).isDisabled()).toBe(true);
      expect(await page.getByRole('link', { name: /Codex/ }).count()).toBe(1);
      await picture(page, 'agents-offline-light');
      host.reachable(true);
      await page.close();
    });

    test('without any agent the screen says what will appear, and a narrow window holds it', async () => {
      const names = Object.keys(startState().agents);
      for (const name of names) host.publish({ type: 'agent.removed', name });
      const { page } = await open('agents');
      await page.getByText('No agent was found yet.').waitFor();
      for (const agent of Object.values(startState().agents)) host.publish({ type: 'agent.changed', agent });
      await page.close();
      const { page: narrow } = await open('agents/codex', 720);
      await narrow.getByText('added by you').waitFor();
      expect(await narrow.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(
        true,
      );
      await narrow.close();
    });
  },
);
