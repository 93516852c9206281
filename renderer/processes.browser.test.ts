import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyHostState } from '../contract/apply-event.ts';
import { commands, type OutputOf, type ParsedInputOf } from '../contract/commands.ts';
import { HostError } from '../contract/errors.ts';
import { browserBinary, startDashboard, type DashboardBench } from './test-support/browser.ts';
import { openPage, picture, type OpenedPage, type PageOptions } from './test-support/open-page.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleFigures } from './test-support/sample-work.ts';
import { startScriptedHost } from './test-support/scripted-host.ts';

const now = Date.now();
const state = sampleState(now);
const web = state.processes['web'];
if (!web || !('pid' in web)) throw new Error('no such process');
const terminalText = 'plain \u001b[31mred\u001b[0m \u001b[38;2;1;2;3mexact\u001b[0m\r\n$ ';

/** One with all that a form can hold, and more: a token of two lines, a value that nobody is to see. */
const tuned = commands['supervisor.run'].input.parse({
  ...{ name: 'tuned', argv: ['/bin/sh', '-c', 'npm run build\nnpm start'], cwd: '/home/mira/orchard' },
  ...{ env: { API_TOKEN: 'hunter2', LEVEL: 'info' }, port: 4001, autoPort: true, inheritEnv: true },
  restart: { mode: 'always', maxRestarts: 5, delayMs: 250 },
  ready: { kind: 'http', url: 'http://127.0.0.1:4001/up', status: [200, 204] },
  health: { check: { kind: 'command', argv: ['curl', '-f', "it's"] }, restart: true },
  watch: { paths: ['src/**', '*.json'], ignore: ['src/gen/**'] },
  ...{ dependsOn: ['web'], isolation: 'sandbox', pty: true, stopGraceMs: 1500 },
});

function started(definition: ParsedInputOf<'supervisor.run'>) {
  const known =
    definition.name === 'tuned' ? { pid: 1, definition: tuned } : state.processes[definition.name];
  const runs = known && 'pid' in known;
  const outcome = !runs
    ? 'started'
    : isDeepStrictEqual(known.definition, definition)
      ? 'unchanged'
      : 'restarted';
  return { process: { ...web, id: definition.name, name: definition.name, definition }, outcome };
}

const ago = (ms: number) => new Date(now - ms).toISOString();
const measured = (cpu: number, memory: number) => ({
  samples: Array.from({ length: 40 }, (_, i) => ({
    ...{ at: ago((40 - i) * 2000), cpu: cpu * (1 + Math.sin(i / 5) / 2), memory: memory + i * 100_000 },
  })),
});

/** A host with an agent at work, and an agent and a tunnel that died. */
function runningParts(): Pick<OutputOf<'supervisor.figures'>, 'parts' | 'ended'> {
  const of = { name: '', purpose: '' };
  const ends = { endedAt: ago(30_000), exitCode: 1, signal: null };
  return {
    parts: [
      {
        ...{ ...of, id: 'host', kind: 'host', pid: 4711, startedAt: ago(7_200_000) },
        ...{ processes: 4, ports: [4711, 4712, 4713], ...measured(0.03, 118_000_000) },
      },
      {
        ...{ ...of, id: 'shim-4720', kind: 'shim', pid: 4720, startedAt: ago(7_100_000) },
        ...{ processes: 1, ports: [], ...measured(0, 40_000_000) },
      },
      {
        ...{ ...of, id: 'tunnel-4800-1', kind: 'tunnel', pid: 4800, startedAt: ago(600_000) },
        ...{ processes: 1, ports: [20_241], ...measured(0.01, 32_000_000) },
      },
      {
        ...{ id: 'agent-4900-1', kind: 'agent', name: 'demo', purpose: 'task t_1', pid: 4900 },
        ...{ startedAt: ago(60_000), processes: 3, ports: [], ...measured(0.8, 260_000_000) },
      },
    ],
    ended: [
      {
        ...{ id: 'agent-4850-1', kind: 'agent', name: 'demo', purpose: 'remote k', pid: 4850 },
        ...{ startedAt: ago(90_000), ...ends },
      },
    ],
  };
}

let reads = 0;
function partOutput(id: string): OutputOf<'supervisor.readPartOutput'> {
  if (id !== 'agent-4850-1') throw new HostError('not_found', 'the output of this is not kept');
  reads += 1;
  return { text: `read ${reads}\n\u001b[31mpanic\u001b[0m: out of \u202ereach\n`, missing: 2048 };
}

function answer(name: string, input: unknown): unknown {
  const answers: Record<string, () => unknown> = {
    'supervisor.run': () => {
      const definition = commands['supervisor.run'].input.parse(input);
      if (definition.cwd === '/nowhere')
        throw new HostError('not_found', 'cwd: there is no folder /nowhere on this machine');
      return started(definition);
    },
    'supervisor.up': () => {
      const { file } = commands['supervisor.up'].input.parse(input);
      if (!file.endsWith('.yaml'))
        throw new HostError('invalid_input', `${file}:3:5: "comand" is not known; did you mean "command"?`);
      const [first, second] = [state.processes['web'], state.processes['worker']];
      return {
        processes: [
          { process: first, outcome: 'unchanged' },
          { process: second, outcome: 'started' },
        ],
      };
    },
    'supervisor.down': () => ({ stopped: ['web', 'worker'] }),
    'supervisor.readLines': () => ({ epoch: 'e', first: 0, end: 0, runStart: 0, lines: [] }),
    'supervisor.type': () => ({}),
    'supervisor.resizeTerminal': () => ({}),
    'supervisor.figures': () => ({ ...sampleFigures(now), ...runningParts() }),
    'supervisor.readPartOutput': () =>
      partOutput(commands['supervisor.readPartOutput'].input.parse(input).id),
  };
  return answers[name]?.();
}

describe.skipIf(browserBinary === undefined)(
  'the screen of processes in a real browser',
  { timeout: 120_000 },
  () => {
    let bench: DashboardBench;

    beforeAll(async () => {
      bench = await startDashboard({
        ...{ state, answer },
        streams: (_source, name) => (name === 'shell' ? terminalText : ''),
      });
    }, 90_000);
    afterAll(() => bench.close());

    const open = (hash: string, options?: PageOptions): Promise<OpenedPage> => openPage(bench, hash, options);
    const last = (name: string) => bench.host.calls.findLast((call) => call.name === name)?.input;
    /** A field that must be filled in carries a star after its name. */
    const field = (page: Page, name: string) =>
      page.getByRole('dialog').getByLabel(new RegExp(`^${name}(?: \\*)?$`));

    test('the least that starts a process is three fields, and the host decides the rest', async () => {
      const { page, faults } = await open('processes');
      await page.getByRole('button', { name: 'Start a process' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('dialog input:focus').waitFor();
      await page.keyboard.type('api');
      expect(await field(page, 'Name').inputValue()).toBe('api');
      await field(page, 'Command').fill('node "my server.mjs"');
      expect(
        await page
          .getByRole('list', { name: 'Command, one token a line' })
          .getByRole('listitem')
          .allInnerTexts(),
      ).toEqual(['node', 'my server.mjs']);
      expect(await field(page, 'Folder').inputValue()).toBe('/home/mira/orchard');
      expect(await field(page, 'Ready when').isVisible()).toBe(false);
      await picture(page, 'process-form');
      await field(page, 'Folder').press('Enter');
      await page.getByText('api was started.').waitFor();
      await page.waitForURL(/#\/processes\/api$/);
      expect(last('supervisor.run')).toEqual(
        commands['supervisor.run'].input.parse({
          ...{ name: 'api', argv: ['node', 'my server.mjs'], cwd: '/home/mira/orchard' },
          restart: { mode: 'on-failure' },
        }),
      );
      expect(faults).toEqual([]);
      await page.close();
    });

    test('more unfolds readiness, health, restarts, watching, environment and terminal, and all of it is sent', async () => {
      const { page, faults } = await open('processes/_new', { height: 800 });
      await field(page, 'Name').fill('api');
      await field(page, 'Command').fill('npm start');
      await field(page, 'Port').fill('8080');
      await field(page, 'Give it a terminal').check();
      await field(page, 'Restart').selectOption({ label: 'Always' });
      await page.getByText('More', { exact: true }).click();
      await field(page, 'Restarts at most').fill('5');
      await field(page, 'First delay, seconds').fill('0.5');
      await field(page, 'Ready when').selectOption({ label: 'HTTP answers' });
      await field(page, 'Address').fill('http://127.0.0.1:8080/up');
      await field(page, 'Status').fill('200-204');
      await field(page, 'Wait at most, seconds').fill('90');
      await field(page, 'Healthy while').selectOption({ label: 'a command succeeds' });
      await field(page, 'Command to ask').fill('curl -f localhost');
      await field(page, 'Restart it when it is unhealthy').check();
      await field(page, 'Watch').fill('src/**\n*.json');
      await field(page, 'Ignore').fill('src/gen/**');
      await field(page, 'Variables').fill('NODE_ENV=production\nGREETING=a = b');
      await field(page, 'Hand on the whole environment of the host').check();
      await field(page, 'Depends on').fill('web, worker');
      await picture(page, 'process-form-more');
      await field(page, 'Sandbox').check();
      await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
      await page.getByText('api was started.').waitFor();
      expect(last('supervisor.run')).toMatchObject({
        ...{ name: 'api', argv: ['npm', 'start'], port: 8080, pty: true, isolation: 'sandbox' },
        restart: { mode: 'always', maxRestarts: 5, delayMs: 500, healthyAfterMs: 60_000 },
        ready: { kind: 'http', url: 'http://127.0.0.1:8080/up', status: [200, 204] },
        readyTimeoutMs: 90_000,
        health: { check: { kind: 'command', argv: ['curl', '-f', 'localhost'] }, restart: true },
        watch: { paths: ['src/**', '*.json'], ignore: ['src/gen/**'], debounceMs: 500 },
        ...{ env: { NODE_ENV: 'production', GREETING: 'a = b' }, inheritEnv: true },
        dependsOn: ['web', 'worker'],
      });
      expect(faults).toEqual([]);
      await page.close();
    });

    test.each([
      ['it prints a text', 'Text', 'listening on', { kind: 'text', text: 'listening on' }],
      ['a line fits a pattern', 'Pattern', 'up in \\d+ ms', { kind: 'regex', pattern: 'up in \\d+ ms' }],
      ['a TCP port answers', 'TCP port', '8080', { kind: 'tcp', port: 8080 }],
      ['a command succeeds', 'Command to ask', 'test -f up', { kind: 'command', argv: ['test', '-f', 'up'] }],
    ] as const)('ready when %s', async (kind, label, typed, wanted) => {
      const { page } = await open('processes/_new');
      await field(page, 'Name').fill('api');
      await field(page, 'Command').fill('npm start');
      await page.getByText('More', { exact: true }).click();
      await field(page, 'Ready when').selectOption({ label: kind });
      await field(page, label).fill(typed);
      await field(page, label).press('Enter');
      await page.getByText('api was started.').waitFor();
      expect(last('supervisor.run')).toMatchObject({ ready: wanted });
      await page.close();
    });

    test('what is wrong is said beside its field, the fold opens for it, and nothing is sent', async () => {
      const { page, faults } = await open('processes/_new', { width: 800, height: 600 });
      const before = bench.host.calls.filter(({ name }) => name === 'supervisor.run').length;
      const saidBeside = async (label: string) => {
        const ids = (await field(page, label).getAttribute('aria-describedby')) ?? '';
        const texts = await Promise.all(
          ids.split(/\s+/).map((id) => page.locator(`[id="${id}"]`).innerText()),
        );
        return texts.join(' | ');
      };
      // What is missing is said only once somebody wanted to start.
      expect(await page.getByText('fill this in').count()).toBe(0);
      await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
      await expect.poll(() => saidBeside('Name')).toContain('fill this in');
      expect(await saidBeside('Command')).toContain('fill this in');
      expect(await field(page, 'Name').evaluate((element) => element === document.activeElement)).toBe(true);

      await field(page, 'Name').fill('Api');
      expect(await saidBeside('Name')).toContain('lower-case letters');
      await field(page, 'Name').fill('api');
      await field(page, 'Command').fill('npm start');
      await field(page, 'Port').fill('70000');
      expect(await saidBeside('Port')).toContain('from 1 to 65535');
      await field(page, 'Port').fill('');

      const more = page.getByText('More', { exact: true });
      await more.click();
      await field(page, 'Ready when').selectOption({ label: 'a line fits a pattern' });
      await field(page, 'Pattern').fill('(');
      expect(await saidBeside('Pattern')).toContain('not a regular expression');
      await field(page, 'Variables').fill('A=1\nsecond line');
      expect(await saidBeside('Variables')).toContain('not NAME=value: second line');
      await more.click();
      expect(await field(page, 'Pattern').isVisible()).toBe(false);
      await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
      await field(page, 'Pattern').waitFor();
      await expect
        .poll(() => field(page, 'Pattern').evaluate((element) => element === document.activeElement))
        .toBe(true);
      await picture(page, 'process-form-faults');
      expect(bench.host.calls.filter(({ name }) => name === 'supervisor.run')).toHaveLength(before);

      // What only the host can know is said in the dialog.
      await field(page, 'Pattern').fill('up');
      await field(page, 'Variables').fill('');
      await field(page, 'Folder').fill('/nowhere');
      await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
      await page.getByRole('dialog').getByRole('alert').getByText('there is no folder /nowhere').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a name that is taken is said before, and what became of it after', async () => {
      const { page } = await open('processes/_new');
      await field(page, 'Name').fill('web');
      await page.getByText('There is a process web already.').waitFor();
      await field(page, 'Command').fill('npm start');
      await field(page, 'Command').press('Enter');
      await page.getByText('web was changed and restarted.').waitFor();
      await page.close();
    });

    const showTuned = (rest: object = {}) =>
      bench.host.publish({
        type: 'process.changed',
        process: { ...web, id: 'tuned', name: 'tuned', definition: tuned, ...rest },
      });
    const runs = () => bench.host.calls.filter(({ name }) => name === 'supervisor.run').length;
    const editor = (page: Page) => page.getByRole('dialog', { name: 'Edit tuned' });

    test('a process is edited where it stands: the form has what is defined, and sends it with what was changed', async () => {
      const { page, faults } = await open('processes', { height: 1000 });
      showTuned();
      await page.getByRole('link', { name: 'tuned' }).click();
      const opener = page.getByRole('button', { name: 'Edit tuned…' });
      await picture(page, 'process-page', true);
      await opener.focus();
      await page.keyboard.press('Enter');
      await editor(page).waitFor();
      const command = field(page, 'Command');
      expect(await command.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await command.inputValue()).toBe('/bin/sh -c "npm run build\nnpm start"');
      expect(await field(page, 'Name').inputValue()).toBe('tuned');
      expect(await field(page, 'Name').isEditable()).toBe(false);
      expect(await field(page, 'Port').inputValue()).toBe('4001');
      await picture(page, 'process-edit');
      await page.getByText('More', { exact: true }).click();
      expect(await field(page, 'Restarts at most').inputValue()).toBe('5');
      expect(await field(page, 'First delay, seconds').inputValue()).toBe('0.25');
      expect(await field(page, 'Status').inputValue()).toBe('200-204');
      expect(await field(page, 'Command to ask').inputValue()).toBe(`curl -f "it's"`);
      expect(await field(page, 'Watch').inputValue()).toBe('src/**\n*.json');
      expect(await field(page, 'Time to end, seconds').inputValue()).toBe('1.5');
      expect(await field(page, 'Sandbox').isChecked()).toBe(true);
      const variables = field(page, 'Variables');
      expect(await variables.inputValue()).toBe('API_TOKEN=(not shown)\nLEVEL=(not shown)');
      expect(await page.content()).not.toContain('hunter2');
      await variables.fill('API_TOKEN=(not shown)\nLEVEL=debug');
      await variables.scrollIntoViewIfNeeded();
      await picture(page, 'process-edit-more');
      await field(page, 'Folder').fill('/home/mira/orchard/api');
      await editor(page).getByRole('button', { name: 'Save and restart' }).click();
      await page.getByText('tuned was changed and restarted.').waitFor();
      await editor(page).waitFor({ state: 'detached' });
      expect(last('supervisor.run')).toEqual({
        ...tuned,
        ...{ cwd: '/home/mira/orchard/api', env: { API_TOKEN: 'hunter2', LEVEL: 'debug' } },
      });
      await expect.poll(() => opener.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('saving what was not changed says so, and Escape leaves without a word to the host', async () => {
      const { page } = await open('processes/tuned');
      showTuned();
      const opener = page.getByRole('button', { name: 'Edit tuned…' });
      await opener.click();
      await field(page, 'Folder').press('Enter');
      await page.getByText('tuned runs like this already; nothing was changed.').waitFor();
      expect(last('supervisor.run')).toEqual(tuned);
      const before = runs();
      await opener.click();
      await field(page, 'Folder').fill('/elsewhere');
      await page.keyboard.press('Escape');
      await editor(page).waitFor({ state: 'detached' });
      await opener.click();
      expect(await field(page, 'Folder').inputValue()).toBe('/home/mira/orchard');
      expect(runs()).toBe(before);
      await page.close();
    });

    test('what is wrong in an edited process is said at its field, what the host refuses in the dialog', async () => {
      const { page, faults } = await open('processes/tuned', { width: 800, height: 600 });
      showTuned();
      await page.getByRole('button', { name: 'Edit tuned…' }).click();
      const before = runs();
      await page.getByText('More', { exact: true }).click();
      await field(page, 'Variables').fill('RENAMED=(not shown)');
      await editor(page).getByText('RENAMED has no value yet: write it').waitFor();
      await page.getByText('More', { exact: true }).click();
      await editor(page).getByRole('button', { name: 'Save and restart' }).click();
      await expect
        .poll(() => field(page, 'Variables').evaluate((element) => element === document.activeElement))
        .toBe(true);
      expect(runs()).toBe(before);
      await picture(page, 'process-edit-fault');
      await field(page, 'Variables').fill('');
      await field(page, 'Folder').fill('/nowhere');
      await editor(page).getByRole('button', { name: 'Save and restart' }).click();
      await editor(page).getByRole('alert').getByText('there is no folder /nowhere').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a process that was changed by other hands meanwhile is said to be, before it is saved', async () => {
      const { page } = await open('processes/tuned');
      showTuned();
      await page.getByRole('button', { name: 'Edit tuned…' }).click();
      const warning = editor(page).getByRole('status').getByText('tuned was changed by somebody else');
      expect(await warning.count()).toBe(0);
      showTuned({ restarts: 1, definition: { ...tuned, port: 4002 } });
      await warning.waitFor();
      await page.close();
    });

    test('a process that does not run is saved and started; one of a project file is changed in its file', async () => {
      const { page, faults } = await open('processes/docs');
      await page.getByRole('button', { name: 'Edit docs…' }).click();
      await field(page, 'Command').fill('npx serve site');
      await page.getByRole('dialog').getByRole('button', { name: 'Save and start' }).click();
      await page.getByText('docs was started.').waitFor();
      expect(last('supervisor.run')).toMatchObject({ name: 'docs', argv: ['npx', 'serve', 'site'] });
      showTuned({ project: '/home/mira/orchard/signalbox.yaml' });
      await page.getByRole('link', { name: 'tuned' }).click();
      await page.getByText('It belongs to a project file').waitFor();
      await page.getByText('/home/mira/orchard/signalbox.yaml', { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: 'Edit tuned…' }).count()).toBe(0);
      await picture(page, 'process-of-a-file', true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a project file starts its processes together, says what became of each, and stops them', async () => {
      const { page, faults } = await open('processes');
      await page.getByRole('button', { name: 'Project file' }).click();
      const dialog = page.getByRole('dialog', { name: 'Processes of a project file' });
      const file = dialog.getByRole('combobox', { name: 'Project file' });
      expect(await file.inputValue()).toBe('/home/mira/orchard/signalbox.yaml');
      await dialog.getByRole('textbox', { name: 'Only these' }).fill('web, Worker');
      await dialog.getByText('not the name of a process: Worker').waitFor();
      expect(await dialog.getByRole('button', { name: 'Start all' }).isDisabled()).toBe(true);
      await dialog.getByRole('textbox', { name: 'Only these' }).fill('web, worker');
      await file.press('Enter');
      const list = dialog.getByRole('status', { name: 'What became of each process' });
      await list.getByText('was started').waitFor();
      expect(await list.innerText()).toMatch(/Ready\s+web\s+runs like this already\s+Unhealthy\s+worker/);
      expect(last('supervisor.up')).toEqual({
        file: '/home/mira/orchard/signalbox.yaml',
        only: ['web', 'worker'],
      });
      await picture(page, 'project-file');
      await file.fill('/home/mira/orchard/signalbox.txt');
      await dialog.getByRole('button', { name: 'Start all' }).click();
      await dialog.getByRole('alert').getByText('signalbox.txt:3:5').waitFor();
      await dialog.getByRole('button', { name: 'Stop all of it' }).click();
      await page.getByText('Stopped: web, worker.').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a process with a port shows the address under which the proxy has it', async () => {
      const { page } = await open('processes/web');
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'web' }) });
      await row.getByText('web.localhost:4713').waitFor();
      await page.getByRole('button', { name: 'Copy the address of web' }).waitFor();
      await page.getByText('http://web.localhost:4713/', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'worker' }).click();
      await page.getByRole('button', { name: 'Copy the address of web' }).waitFor({ state: 'detached' });
      await page.close();
    });

    test('a process that is gone is said to be gone, and an empty list offers the one next step', async () => {
      const { page } = await open('processes/vanished');
      await page.getByText('There is no process vanished any more.').waitFor();
      await page.close();
      const { files } = bench;
      const fresh = await startScriptedHost({ files, state: emptyHostState, answer, streams: () => '' });
      const { page: empty } = await open('processes', { url: fresh.url });
      await empty.locator('.empty').getByRole('button', { name: 'Start a process' }).click();
      await empty.getByRole('dialog', { name: 'Start a process' }).waitFor();
      await empty.close();
      await fresh.close();
    });

    test('a process shows what it uses: the figures in the table, their course when it is opened', async () => {
      const { page, faults } = await open('processes/web');
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'web' }) });
      await row.getByText('MiB').waitFor();
      expect(await row.innerText()).toMatch(/\d+ %.*20\d\.\d MiB/s);
      await page.getByRole('img', { name: 'Processor time of web over the last minutes' }).waitFor();
      const charts = page.getByRole('region', { name: 'What web uses' });
      await charts.getByText('3 processes').waitFor();
      await charts.getByText('listens on 5173').waitFor();
      await picture(page, 'process-figures-light', true);
      const asked = () => bench.host.calls.filter(({ name }) => name === 'supervisor.figures').length;
      const before = asked();
      await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('what the host itself runs stands below: its doors, tunnel, agents and shim, each with what it uses', async () => {
      const { page, faults } = await open('processes');
      const also = page.getByRole('region', { name: 'Also running' });
      const row = (name: string) =>
        also.getByRole('row').filter({ has: page.getByRole('cell', { name: new RegExp(`^${name}`) }) });
      await also.getByRole('link', { name: 'Agent demo' }).waitFor();
      expect(await row('Host').innerText()).toMatch(
        /Running.*studio · desktop app · PID 4711.*MiB.*4711, 4712, 4713/s,
      );
      expect(await row('MCP bridge').innerText()).toMatch(/Listens.*in the host.*1 token.*–\s+–\s+–\s+4711/s);
      expect(await row('ACP remote').innerText()).toMatch(/Listens.*serves demo · 1 connection.*4712/s);
      expect(await row('Tunnel').innerText()).toMatch(
        /Open.*calm-river-1234.*closes in.*Reconnects by itself.*20241/s,
      );
      expect(await row('Agent demo').first().innerText()).toMatch(/PID 4900 · 3 processes.*MiB.*\d+ min/s);
      expect(await row('Shim').innerText()).toMatch(/Running.*Holds the managed processes/s);
      const hrefs = await also.getByRole('link').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(hrefs).toEqual(
        ['overview', 'bridge', 'remote', 'tunnels', 'agents/demo', 'tasks/t_1'].map((path) => `#/${path}`),
      );
      await picture(page, 'host-parts-light', true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('why an agent died is read with the keyboard, again when it is wanted, and what is not kept says so', async () => {
      const { page, faults } = await open('processes', { colorScheme: 'dark' });
      const also = page.getByRole('region', { name: 'Also running' });
      await also.getByText('Ended lately: 1').focus();
      await page.keyboard.press('Enter');
      await also.getByText('exit code 1').waitFor();
      expect(reads).toBe(0);
      const button = also.getByRole('button', { name: 'Output of Agent demo' }).last();
      await button.focus();
      await page.keyboard.press('Enter');
      expect(await button.getAttribute('aria-expanded')).toBe('true');
      const printed = also.getByRole('region', { name: 'Output of Agent demo' });
      await expect
        .poll(async () => reads > 0 && (await printed.innerText()).includes(`read ${reads}`))
        .toBe(true);
      const before = reads;
      expect(await printed.innerText()).toMatch(/2\.0 KiB are not shown.*panic: out of ⟦U\+202E⟧reach/s);
      await printed.scrollIntoViewIfNeeded();
      await picture(page, 'host-parts-output-dark');
      await also.getByRole('button', { name: 'Read again' }).press('Enter');
      await expect.poll(() => printed.innerText()).toContain(`read ${before + 1}`);
      expect(reads).toBe(before + 1);
      await button.press('Enter');
      await printed.waitFor({ state: 'detached' });
      await also.getByRole('button', { name: 'Output of Tunnel' }).press('Enter');
      await also.getByRole('alert').getByText('is not kept').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a terminal shows colours under the content policy, and what is typed goes to its process in order', async () => {
      const { page, faults } = await open('processes');
      const definition = { ...web.definition, name: 'shell', argv: ['/bin/sh'], pty: true as const };
      bench.host.publish({
        type: 'process.changed',
        process: { ...web, id: 'shell', name: 'shell', definition },
      });
      await page.getByRole('link', { name: 'shell' }).click();
      const terminal = page.locator('.xterm-screen');
      await terminal.getByText('plain').waitFor();
      const red = terminal.getByText('red', { exact: true });
      expect(await red.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(204, 0, 0)');
      const exact = terminal.getByText('exact', { exact: true });
      expect(await exact.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(1, 2, 3)');
      await terminal.click();
      await page.keyboard.type('echo "a b"');
      await page.keyboard.press('Enter');
      const typed = () =>
        bench.host.calls
          .filter(({ name }) => name === 'supervisor.type')
          .map(({ input }) => (input as { text: string }).text)
          .join('');
      await expect.poll(typed).toBe('echo "a b"\r');
      const resized = bench.host.calls.findLast(({ name }) => name === 'supervisor.resizeTerminal');
      expect(resized?.input).toMatchObject({ name: 'shell' });
      await picture(page, 'terminal-light', true);
      expect(faults).toEqual([]);
      await page.close();
    });
  },
);
