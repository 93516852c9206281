import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../contract/action.ts';
import { HostError } from '../contract/errors.ts';
import { commands } from '../contract/commands.ts';
import { emptyHostState } from '../contract/apply-event.ts';
import type { Rule } from '../contract/policy.ts';
import { pendingApproval } from './test-support/sample-approvals.ts';
import { sampleState } from './test-support/sample-state.ts';
import { sampleTimeline } from './test-support/sample-timeline.ts';
import { browserBinary, startDashboard, type DashboardBench } from './test-support/browser.ts';
import { loaded, openPage, picture, type OpenedPage } from './test-support/open-page.ts';
import { startScriptedHost, type ScriptedHost } from './test-support/scripted-host.ts';
import { answerSessions, sampleSession } from './test-support/session-answers.ts';

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
const LOG_LINES = 50_000;
function logPage({ name, from, count }: ReturnType<typeof linesInput>) {
  const first = from < 0 ? LOG_LINES + from : from;
  const lines = Array.from({ length: Math.min(count, LOG_LINES - first) }, (_, i) => ({
    ...{
      number: first + i,
      name,
      stream: i % 9 === 8 ? 'stderr' : 'stdout',
      at: new Date(now).toISOString(),
    },
    text: `\u001B[32m${first + i}\u001B[0m GET /api/items/${first + i} 200`,
  }));
  return { epoch: 'e', first: 0, end: LOG_LINES, runStart: 0, lines };
}
const linesInput = (input: unknown) => commands['supervisor.readLines'].input.parse(input);

const pendingExec: Omit<NonNullable<Action['exec']>, 'argv'> = {
  cwd: '.',
  sandbox: 'ws+net',
  binarySha256: null,
  envNames: [],
  envSha256: null,
  cwdIdentity: null,
};

const ownRule: Rule = {
  id: 'own.allow-tests',
  effect: 'allow',
  when: { kind: ['exec'], argv: ['npm', 'test'], net: ['*.example.com'] },
  expiresAt: new Date(now + 86_400_000).toISOString(),
  tests: { match: [{ kind: 'exec', origin: 'acp', argv: ['npm', 'test'] }], notMatch: [] },
};

function answer(name: string, input: unknown): unknown {
  const state = sampleState(now);
  const records = Array.from({ length: 12 }, (_, i) => ({
    v: 1,
    seq: 411 - i,
    at: new Date(now - i * 60_000).toISOString(),
    boot: 'b',
    actor: i % 3 ? 'owner' : 'device:dev_1',
    type: 'approval.decided',
    object: `ap_${i}`,
    facts: { decision: 'allow', risk: 2 },
    prev: 'a'.repeat(64),
  }));
  const answers: Record<string, () => unknown> = {
    'approvals.detail': () => ({
      approval: state.approvals['ap_2'],
      detail: {
        approvalId: 'ap_2',
        agentSays: 'Trust me, this is safe.',
        diffs: [
          {
            path: 'src/price.ts',
            oldText: 'a\nconst price = 1;\nz\n',
            newText: 'a\nconst price = 100;\nconst more = 2;\nz\n',
            redacted: false,
            truncated: false,
          },
        ],
      },
    }),
    'approvals.decide': () => state.approvals['ap_4'],
    'supervisor.readLines': () => logPage(linesInput(input)),
    'approvals.decideMany': () => ({
      results: ['ap_4', 'ap_4', 'ap_4'].map((id) => ({ ok: true, approval: state.approvals[id] })),
    }),
    'approvals.showPolicy': () => ({
      rules: [
        { id: 'default.env', effect: 'deny', note: 'secrets', when: { pathAny: ['**/.env'] } },
        {
          ...{ id: 'default.publish', effect: 'ask', risk: 4, locked: true },
          need: { approvers: 2, stepUp: 'each', distinctFromRequester: true },
          when: { kind: ['exec'], argv: ['npm', 'publish'] },
        },
        ownRule,
      ],
      policySha256: 'b'.repeat(64),
    }),
    'approvals.removeRule': () => {
      if (!commands['approvals.removeRule'].input.parse(input).presence)
        throw new HostError('refused', 'this needs proof', { stepUp: 'each' });
      return { policySha256: 'd'.repeat(64) };
    },
    'approvals.proposeRules': () => ({
      proposals: (['exact', 'prefix'] as const).map((width, i) => ({
        width,
        rule: { ...ownRule, id: `own.allow-${width}` },
        dryRun: {
          ...{ examined: 20, matched: 14, wouldAllow: 3 + 11 * i, wouldDeny: 0, againstDenials: 2 * i },
          examples: Array.from({ length: 7 }, (_, n) => ({
            ...{ approvalId: `ap_${n}`, title: `Run npm test ${n}`, effect: 'allow' },
          })),
        },
      })),
    }),
    'approvals.addRule': () => {
      const { rule, presence } = commands['approvals.addRule'].input.parse(input);
      if (rule.id === 'own.allow-exact') throw new HostError('conflict', 'there is such a rule already');
      if (!presence) throw new HostError('refused', 'this needs proof', { stepUp: 'each' });
      return { rule, policySha256: 'd'.repeat(64) };
    },
    'presence.beginStepUp': () => ({
      ...{
        challengeId: 'challenge_00000000001',
        challenge: 'A'.repeat(43),
        kinds: ['os-prompt'],
        webauthn: null,
      },
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    }),
    'audit.prune': () => ({ removed: 120, oldestSeq: 120 }),
    'audit.tail': () => ({ records, total: 412 }),
    'audit.verify': () => ({ verdict: 'ok', records: 412, omitted: 0, checkpoints: 1, key: 'k' }),
    'audit.checkpoint': () => ({
      note: 'signalbox.local/ab\n412\nroot=\n\n— signalbox.local/ab sig=\n',
      publicKey: 'the-key=',
      consistency: [],
    }),
    'audit.export': () => ({ file: '/tmp/part.txt', records: 7, sha256: 'c'.repeat(64) }),
    'host.doctor': () => ({
      checks: [
        { id: 'git', state: 'ok', summary: 'git 2.43 is here', fix: null },
        {
          id: 'sandbox',
          state: 'missing',
          summary: 'bubblewrap is not installed',
          fix: 'sudo apt install bubblewrap',
        },
      ],
    }),
    'secrets.list': () => ({
      hits: [
        {
          ...{ tag: '0a1b2c3d', kind: 'github-pat', count: 3, where: 'output' },
          ...{ firstAt: new Date(now).toISOString(), lastAt: new Date(now).toISOString() },
        },
      ],
      allowed: [],
    }),
    'identity.createInvitation': () => ({
      id: 'inv',
      text: 'SIGNALBOX:TEST-INVITATION',
      link: 'https://example.com/pair#TEST',
      expiresAt: new Date(Date.now() + 120_000).toISOString(),
    }),
    'identity.cancelInvitation': () => ({}),
    'supervisor.figures': () => ({
      at: new Date().toISOString(),
      supported: true,
      processes: [
        {
          ...{ name: 'web', processes: 3, ports: [5173] },
          samples: Array.from({ length: 90 }, (_, i) => ({
            at: new Date(now - (90 - i) * 2000).toISOString(),
            cpu: i === 0 ? null : Math.abs(Math.sin(i / 9)) * 1.4,
            memory: 180_000_000 + i * 400_000,
          })),
        },
      ],
      parts: [],
      ended: [],
    }),
  };
  return (
    answers[name]?.() ??
    answerSessions(name, input, new Map([['s_1', sampleSession('s_1', now)]]), () => sampleTimeline(now))
  );
}

describe.skipIf(browserBinary === undefined)(
  'the dashboard in a real browser under its content policy',
  { timeout: 120_000 },
  () => {
    let dashboard: DashboardBench | undefined;
    let browser: Browser;
    let host: ScriptedHost;
    let files = '';

    beforeAll(async () => {
      const timeline = sampleTimeline(now)
        .map((entry) => `${JSON.stringify(entry)}\n`)
        .join('');
      dashboard = await startDashboard({
        state: sampleState(now),
        answer,
        streams: (source) => (source === 'timeline' ? timeline : ''),
      });
      ({ browser, host, files } = dashboard);
    }, 90_000);

    afterAll(() => dashboard?.close());

    const open = (
      hash: string,
      colorScheme: 'light' | 'dark' = 'light',
      url = host.url,
    ): Promise<OpenedPage> => openPage({ browser, host }, hash, { colorScheme, url });

    test.each(['light', 'dark'] as const)(
      'every screen is drawn in %s without one violation',
      async (scheme) => {
        for (const screen of screens) {
          const { page, faults } = await open(screen, scheme);
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

    test('an approval shows its tokens one by one with hidden characters named, and is answered with its hash', async () => {
      const { page, faults } = await open('approvals/ap_1');
      const tokens = page.getByRole('list', { name: 'Command, one token a line' }).getByRole('listitem');
      expect(await tokens.allInnerTexts()).toEqual([
        'git',
        'push',
        '--force-with-lease',
        'origin',
        'refs/heads/main:refs/heads/main',
        'a⟦U+202E⟧txt.exe',
        '(empty)',
      ]);
      expect(await page.content()).not.toContain('\u202E');
      await page.getByRole('button', { name: 'Allow once' }).click();
      await page.getByText('Allowed.').waitFor();
      const sent = host.calls.findLast((call) => call.name === 'approvals.decide')?.input;
      expect(sent).toMatchObject({
        approvalId: 'ap_1',
        decision: 'allow',
        scope: 'once',
        actionHash: sampleState(now).approvals['ap_1']?.actionHash,
      });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('the highest risk and what lasts are asked once more', async () => {
      const { page } = await open('approvals/ap_3');
      const before = host.calls.length;
      await page.getByRole('button', { name: 'Allow once' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      expect(host.calls.slice(before).filter((call) => call.name === 'approvals.decide')).toEqual([]);
      await page.close();
    });

    test('a new approval is announced and does not take the place of the open one', async () => {
      const { page } = await open('approvals/ap_2');
      host.publish({
        type: 'approval.changed',
        approval: pendingApproval(
          'ap_9',
          Date.now(),
          { title: 'Read the keyring', risk: 4 },
          { kind: 'fs.read', paths: ['k'] },
        ),
      });
      await expect.poll(() => page.getByTestId('announcer').innerText()).toContain('Read the keyring');
      expect(await page.getByRole('article').getAttribute('aria-label')).toContain('Write src/price.ts');
      await page.close();
    });

    test('what is long or hides something is opened first; its needs and warnings are on the card', async () => {
      const need = { approvers: 2, stepUp: 'none', distinctFromRequester: true } as const;
      const votes = [{ by: 'device:dev_1', at: new Date(now).toISOString() }];
      const part = { title: 'Run npm publish', risk: 4, mustOpen: true, need, votes, askers: 3 } as const;
      const exec = { ...pendingExec, argv: ['npm', 'publish', 'pаckage\u202Etgz'] };
      const net = ['registry.npmjs.org', 'xn--pypal-4ve.com'];
      host.publish({
        type: 'approval.changed',
        approval: pendingApproval('ap_20', Date.now(), { ...part, votes }, { exec, net }),
      });
      const { page, faults } = await open('approvals/ap_20');
      const card = page.getByRole('article');
      const allow = card.getByRole('button', { name: 'Allow once' });
      await expect.poll(() => allow.isDisabled()).toBe(true);
      const words = await card.innerText();
      for (const expected of [
        '2 approvals, 1 so far',
        'somebody else than whoever asked',
        '3 times at once',
        'registry.npmjs.org',
        'can be taken for',
        'is encoded',
        'pаckage⟦U+202E⟧tgz',
      ]) {
        expect(words).toContain(expected);
      }
      const before = host.calls.length;
      const fetched = () =>
        host.calls.slice(before).filter((call) => call.name === 'approvals.detail').length;
      expect(fetched()).toBe(0);
      await picture(page, 'approval-must-open', true);
      await card.getByRole('button', { name: 'Open the content' }).click();
      await expect.poll(() => allow.isEnabled()).toBe(true);
      expect(fetched()).toBeGreaterThan(0);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('what is alike is chosen at once and answered in one go, by keyboard', async () => {
      for (const id of ['ap_21', 'ap_22', 'ap_23']) {
        const part = { title: `Run npm test ${id}`, risk: 1 } as const;
        const exec = { ...pendingExec, argv: ['npm', 'test', id] };
        host.publish({
          type: 'approval.changed',
          approval: pendingApproval(id, Date.now(), part, { exec }),
        });
      }
      const { page, faults } = await open('approvals');
      await page.getByRole('checkbox', { name: 'Choose all 3 that are alike' }).focus();
      await page.keyboard.press('Space');
      const batch = page.getByRole('region', { name: 'Answer those that are chosen' });
      await batch.getByRole('button', { name: 'Allow 3 once each' }).focus();
      await picture(page, 'approval-batch');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Allow 3 once each' }).click();
      await page.getByText('3 of 3 answered.').waitFor();
      const sent = host.calls.findLast((call) => call.name === 'approvals.decideMany')?.input;
      expect(sent).toMatchObject({ decision: 'allow', answers: [{}, {}, {}] });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('pairing draws a code and ends it when the dialog is closed', async () => {
      const { page, faults } = await open('devices/_pair');
      await page.getByRole('button', { name: 'Show code' }).waitFor();
      // The device that asks is in the dialog, and not behind it a second time.
      expect(await page.getByLabel('Code to compare').count()).toBe(1);
      await page.getByRole('button', { name: 'Show code' }).click();
      await page.getByTestId('pairing-qr').waitFor();
      await picture(page, 'pairing-light');
      await page.keyboard.press('Escape');
      await expect
        .poll(() => host.calls.some((call) => call.name === 'identity.cancelInvitation'))
        .toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('what the list of records shows can be chosen, exported as it is chosen, and pinned', async () => {
      const { page, faults } = await open('audit');
      const last = (name: string) => host.calls.findLast((call) => call.name === name)?.input;
      await page.getByRole('combobox', { name: 'What' }).selectOption('approval');
      await page.getByRole('textbox', { name: 'Who' }).fill('device:');
      const filter = { types: ['approval'], actor: 'device:' };
      await expect.poll(() => last('audit.tail')).toMatchObject({ filter });
      await page.getByRole('button', { name: 'Export' }).click();
      const dialog = page.getByRole('dialog', { name: 'Export' });
      await dialog.getByText('of all others the hash').waitFor();
      await dialog.getByRole('textbox', { name: 'File on the host' }).fill('/tmp/part.txt');
      await dialog.getByRole('button', { name: 'Export' }).click();
      await page.getByText('7 records were written.').waitFor();
      expect(last('audit.export')).toEqual({ file: '/tmp/part.txt', filter });
      await page.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(() => last('audit.tail')).toEqual({ limit: 100 });
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
      const { page, faults } = await open('audit');
      await page.getByText('Every record since the first is kept whole.').waitFor();
      await page.getByRole('button', { name: 'Drop old records' }).click();
      const dialog = page.getByRole('dialog', { name: 'Drop old records?' });
      const days = dialog.getByRole('textbox', { name: 'Days to keep' });
      const drop = dialog.getByRole('button', { name: /^Drop/ });
      await days.fill('0');
      await dialog.getByText('This is not a whole number').waitFor();
      expect(await drop.isDisabled()).toBe(true);
      await days.press('Enter');
      expect(host.calls.some((call) => call.name === 'audit.prune')).toBe(false);
      await days.fill('90');
      await dialog.getByText('Their hashes stay').waitFor();
      await picture(page, 'audit-prune-light');
      await drop.click();
      await page.getByText('120 records were dropped.').waitFor();
      expect(host.calls.findLast((call) => call.name === 'audit.prune')?.input).toEqual({ keepDays: 90 });
      const audit = { records: 412, oldestSeq: 120, state: 'ok', checkpointAt: null } as const;
      host.publish({ type: 'audit.grown', audit });
      await page.getByText('Records before 120 were dropped; their hashes are kept.').waitFor();
      await picture(page, 'audit-kept-light', true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('rules are shown by where they come from, and only your own are removed, confirmed and proven', async () => {
      const { page, faults } = await open('approvals');
      await page.getByRole('tab', { name: 'Rules' }).click();
      const own = page.getByRole('table', { name: 'Your rules' });
      const product = page.getByRole('table', { name: 'Rules of Signalbox' });
      const words = await product.innerText();
      for (const part of ['locked', '2 people or devices', 'command begins npm publish'])
        expect(words).toContain(part);
      expect(await product.getByRole('button').count()).toBe(0);
      await own.getByText('has 1 test').waitFor();
      await picture(page, 'rules-light', true);
      await own.getByRole('button', { name: 'Remove own.allow-tests' }).click();
      expect(host.calls.some((call) => call.name === 'approvals.removeRule')).toBe(false);
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('The rule holds no longer.').waitFor();
      const last = (name: string) => host.calls.findLast((call) => call.name === name)?.input;
      expect(last('presence.beginStepUp')).toMatchObject({ purpose: { kind: 'rule-removal' } });
      expect(last('approvals.removeRule')).toEqual({
        ruleId: 'own.allow-tests',
        presence: { kind: 'os-prompt', challengeId: 'challenge_00000000001' },
      });
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a rule is made by keyboard: a refusal stays in the dialog, and the proof is asked for when it is wanted', async () => {
      const { page, faults } = await open('approvals/ap_2');
      await page.getByRole('button', { name: 'Make this a rule' }).click();
      const dialog = page.getByRole('dialog', { name: 'Make a rule of this' });
      const narrow = dialog.getByRole('radio', { name: 'This very thing' });
      await dialog.getByText('Would have allowed 3 of the last 20 questions.').waitFor();
      expect(await narrow.isChecked()).toBe(true);
      expect(await dialog.getByText('Look twice').count()).toBe(0);
      await dialog.getByRole('button', { name: 'Add this rule' }).click();
      await dialog.getByRole('alert').getByText('there is such a rule already').waitFor();
      await narrow.focus();
      await page.keyboard.press('ArrowDown');
      await dialog.getByText('Look twice: the answer to 2 of these was no.').waitFor();
      await dialog.getByText('and 9 more').waitFor();
      await picture(page, 'make-rule-light');
      await dialog.getByRole('button', { name: 'Add this rule' }).focus();
      await page.keyboard.press('Enter');
      await page.getByText('The rule holds from now on.').waitFor();
      expect(await dialog.count()).toBe(0);
      const last = (name: string) => host.calls.findLast((call) => call.name === name)?.input;
      expect(last('presence.beginStepUp')).toMatchObject({ purpose: { kind: 'rule' } });
      expect(last('approvals.addRule')).toMatchObject({
        rule: { id: 'own.allow-prefix' },
        presence: { kind: 'os-prompt', challengeId: 'challenge_00000000001' },
      });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('the palette leads anywhere by keyboard alone', async () => {
      const { page } = await open('overview');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('aud');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
      await page.close();
    });

    test('a lost host is named with the time of the last data, and comes back by itself', async () => {
      const { page } = await open('processes');
      host.reachable(false);
      await page
        .getByText('The connection to the host was lost')
        .or(page.getByText('The host cannot be reached'))
        .first()
        .waitFor();
      await page.getByText('This is what it said at').waitFor();
      expect(await page.getByRole('link', { name: 'worker' }).isVisible()).toBe(true);
      await picture(page, 'offline-light');
      host.reachable(true);
      await page.getByText('This is what it said at').waitFor({ state: 'detached', timeout: 30_000 });
      await page.close();
    });

    test('raising a mode says what becomes possible, and nothing is sent before that', async () => {
      const { page, faults } = await open('bridge');
      await page.getByRole('radiogroup', { name: 'Bash' }).getByText('Full').click();
      const dialog = page.getByRole('dialog', { name: 'Bash: Full?' });
      await dialog.getByText('Clients may ask to run any command').waitFor();
      await picture(page, 'raise-light');
      expect(host.calls.some((call) => call.name === 'bridge.setModes')).toBe(false);
      await dialog.getByRole('button', { name: 'Raise' }).click();
      await expect
        .poll(() => host.calls.findLast((call) => call.name === 'bridge.setModes')?.input)
        .toEqual({ bash: 'full' });
      // The scripted host refuses; the screen says so and the mode stays what the host says it is.
      await page.getByText('Set modes: not done').waitFor();
      expect(
        await page.getByRole('radiogroup', { name: 'Bash' }).getByRole('radio', { name: 'Off' }).isChecked(),
      ).toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a new task is given once, with a key that makes a repeat harmless', async () => {
      const { page, faults } = await open('tasks/_new');
      await page.getByRole('textbox', { name: 'What to do' }).fill('Tidy up');
      await picture(page, 'new-task-light');
      await page.getByRole('button', { name: 'Give task' }).click();
      await expect
        .poll(() => host.calls.findLast((call) => call.name === 'tasks.submit')?.input)
        .toMatchObject({ agent: 'demo', workspace: 'ws_1', mode: 'ask', text: 'Tidy up' });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('what fails behind a dialog is said in it: the list of notices is out of reach there', async () => {
      const { page, faults } = await open('tasks/_new');
      const failure = page.getByRole('dialog').getByRole('alert');
      await page.getByRole('textbox', { name: 'What to do' }).fill('Tidy up');
      expect(await failure.count()).toBe(0);
      await page.getByRole('button', { name: 'Give task' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      await page.goto(`${host.url}#/bridge/_token`);
      await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('editor');
      // What another dialog had to say is not said here again.
      expect(await failure.count()).toBe(0);
      await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      await page.goto(`${host.url}#/devices`);
      await page.getByRole('button', { name: 'Change keys…' }).click();
      expect(await failure.count()).toBe(0);
      await page.getByRole('dialog').getByRole('button', { name: 'Change keys' }).click();
      await failure.getByText('the scripted host refuses this').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });

    test('high contrast and reduced motion can be chosen and are remembered', async () => {
      const { page, faults } = await open('settings', 'dark');
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
      await page.goto(`${host.url}#/approvals/ap_2`);
      await page.getByRole('button', { name: 'Allow once' }).waitFor();
      await picture(page, 'approvals-contrast');
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a host where nothing happened yet shows three steps, and every screen says what will appear', async () => {
      const fresh = await startScriptedHost({ files, state: emptyHostState, answer, streams: () => '' });
      const { page, faults } = await open('overview', 'light', fresh.url);
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
      const { page } = await open('overview');
      host.expel();
      await page.getByRole('button', { name: 'Ask to be admitted' }).click();
      expect(await page.getByTestId('admission-code').innerText()).toBe('135 790');
      await page.getByText('signalbox devices approve dev_9 135790').waitFor();
      await picture(page, 'admission-light');
      host.admit();
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
      await page.close();
    });
  },
);
