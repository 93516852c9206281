import { describe, expect, test } from 'vitest';
import type { Action } from '../contract/action.ts';
import { sampleDashboard } from './test-support/sample-dashboard.ts';
import { browserBinary } from './test-support/browser.ts';
import { picture } from './test-support/open-page.ts';
import { pendingApproval } from './test-support/sample-approvals.ts';
import { sampleState } from './test-support/sample-state.ts';

const now = Date.now();

const pendingExec: Omit<NonNullable<Action['exec']>, 'argv'> = {
  cwd: '.',
  sandbox: 'ws+net',
  binarySha256: null,
  envNames: [],
  envSha256: null,
  cwdIdentity: null,
};

describe.skipIf(browserBinary === undefined)(
  'approvals and rules in a real browser',
  { timeout: 120_000 },
  () => {
    const on = sampleDashboard(now);

    test('an approval shows its tokens one by one with hidden characters named, and is answered with its hash', async () => {
      const { page, faults } = await on.open('approvals/ap_1');
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
      const sent = on.last('approvals.decide');
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
      const { page } = await on.open('approvals/ap_3');
      const before = on.host.calls.length;
      await page.getByRole('button', { name: 'Allow once' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      expect(on.host.calls.slice(before).filter((call) => call.name === 'approvals.decide')).toEqual([]);
      await page.close();
    });

    test('a new approval is announced and does not take the place of the open one', async () => {
      const { page } = await on.open('approvals/ap_2');
      on.host.publish({
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
      on.host.publish({
        type: 'approval.changed',
        approval: pendingApproval('ap_20', Date.now(), { ...part, votes }, { exec, net }),
      });
      const { page, faults } = await on.open('approvals/ap_20');
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
      const before = on.host.calls.length;
      const fetched = () =>
        on.host.calls.slice(before).filter((call) => call.name === 'approvals.detail').length;
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
        on.host.publish({
          type: 'approval.changed',
          approval: pendingApproval(id, Date.now(), part, { exec }),
        });
      }
      const { page, faults } = await on.open('approvals');
      await page.getByRole('checkbox', { name: 'Choose all 3 that are alike' }).focus();
      await page.keyboard.press('Space');
      const batch = page.getByRole('region', { name: 'Answer those that are chosen' });
      await batch.getByRole('button', { name: 'Allow 3 once each' }).focus();
      await picture(page, 'approval-batch');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Allow 3 once each' }).click();
      await page.getByText('3 of 3 answered.').waitFor();
      const sent = on.last('approvals.decideMany');
      expect(sent).toMatchObject({ decision: 'allow', answers: [{}, {}, {}] });
      expect(faults).toEqual([]);
      await page.close();
    });

    test('rules are shown by where they come from, and only your own are removed, confirmed and proven', async () => {
      const { page, faults } = await on.open('approvals');
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
      expect(on.host.calls.some((call) => call.name === 'approvals.removeRule')).toBe(false);
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await page.getByText('The rule holds no longer.').waitFor();
      expect(on.last('presence.beginStepUp')).toMatchObject({ purpose: { kind: 'rule-removal' } });
      expect(on.last('approvals.removeRule')).toEqual({
        ruleId: 'own.allow-tests',
        presence: { kind: 'os-prompt', challengeId: 'challenge_00000000001' },
      });
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('a rule is made by keyboard: a refusal stays in the dialog, and the proof is asked for when it is wanted', async () => {
      const { page, faults } = await on.open('approvals/ap_2');
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
      expect(on.last('presence.beginStepUp')).toMatchObject({ purpose: { kind: 'rule' } });
      expect(on.last('approvals.addRule')).toMatchObject({
        rule: { id: 'own.allow-prefix' },
        presence: { kind: 'os-prompt', challengeId: 'challenge_00000000001' },
      });
      expect(faults).toEqual([]);
      await page.close();
    });
  },
);
