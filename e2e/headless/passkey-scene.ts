import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { withAuthenticator } from '../support/passkeys.ts';
import { askCli } from '../support/run-cli.ts';
import type { Served } from '../support/serve.ts';
import { until } from '../support/until.ts';
import { testHome, testRepository, testServe } from './host-test.ts';

const CONFIG = `policy:
  rules:
    - id: prove-each
      effect: ask
      when: { kind: [fs.write], pathAny: ['each/**'] }
      need: { approvers: 1, stepUp: each, distinctFromRequester: false }
    - id: prove-recent
      effect: ask
      when: { kind: [fs.write], pathAny: ['recent/**'] }
      need: { approvers: 1, stepUp: recent, distinctFromRequester: false }
    - id: prove-grave
      effect: ask
      risk: 4
      when: { kind: [fs.write], pathAny: ['grave/**'] }
      need: { approvers: 1, stepUp: each, distinctFromRequester: false }
`;

export interface Waiting {
  readonly id: string;
  readonly state: string;
  readonly actionHash: string;
  readonly provenBy?: string;
}

/** A host, and a browser of its owner at http://localhost, which is a name and no number. */
export async function passkeyScene() {
  const home = testHome(CONFIG);
  const folder = testRepository({ 'README.md': 'hello\n' });
  for (const name of ['each', 'recent', 'grave']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'a.txt'), 'one\n');
  }
  let host: Served = await testServe(home);
  await askCli(home, ['workspace', 'add', folder, '--name', 'site']);
  const { page, close } = await openBrowser();
  onTestFinished(close);
  const origin = host.ready.dashboard.replace('127.0.0.1', 'localhost');
  await page.goto(origin);
  await page.getByLabel('Name of this browser').fill('Desk');
  await page.getByRole('button', { name: 'Ask to be admitted' }).click();
  const shown = page.getByTestId('admission-code');
  await shown.waitFor();
  const digits = (await shown.innerText()).replaceAll(/\s/g, '');
  const { devices } = await askCli<{ devices: { id: string }[] }>(home, ['devices', 'pending']);
  await askCli(home, ['devices', 'approve', devices[0]?.id ?? '', digits]);
  await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
  const browser = await withAuthenticator(page);
  await browser.prepare();
  return {
    ...browser,
    page,
    home,
    folder,
    origin: new URL(origin).origin,
    /** The same host once more: what failed is forgotten, what was agreed is not. */
    async restart() {
      await host.stop();
      host = await testServe(home);
      await until('the page is served again', () =>
        page.reload().then(
          () => true,
          () => false,
        ),
      );
      await page.getByRole('heading', { name: 'Overview', exact: true }).waitFor();
      await browser.prepare();
    },
    async waiting(text: string): Promise<Waiting> {
      await askCli(home, ['task', 'submit', '--agent', 'demo', '--workspace', 'site', text]);
      return until('an approval waits', async () => {
        const { approvals } = await askCli<{ approvals: Waiting[] }>(home, ['approvals', 'list']);
        return approvals.find(({ state }) => state === 'pending') ?? false;
      });
    },
  };
}
