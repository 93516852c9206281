import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAlbum } from '../support/browser.ts';
import { outputFolder } from '../support/folders.ts';
import { askCli, runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { passkeyScene, type Waiting } from './passkey-scene.ts';

test('the owner adds a passkey on the screen, makes a recovery code with it, and removes it', async () => {
  const { add, origin, page, session } = await passkeyScene();
  const album = createAlbum(outputFolder('passkeys'));
  const laptop = await add('internal');
  await page.goto(`${origin}/#/devices`);
  await page.getByText('No passkey yet.').waitFor();
  await page.getByLabel('Name of the new passkey').fill('This laptop');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey was added.').waitFor();
  await page.getByRole('cell', { name: 'This laptop' }).waitFor();
  await album.add('added', page);
  // The code needs a proof of the last minutes: the browser asks the authenticator for it by itself.
  await page.getByRole('button', { name: 'Make a recovery code' }).click();
  await page.getByText('Shown once.').waitFor();
  await album.add('recovery-code', page);
  await page.keyboard.press('Escape');

  // The last one that a rule accepts stays, and the screen says why.
  const row = (name: string) => page.getByRole('row').filter({ hasText: name });
  const remove = async (name: string) => {
    await row(name).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  };
  await remove('This laptop');
  await page.getByText('this is the only way left that it accepts').waitFor();
  expect(await row('This laptop').count()).toBe(1);
  await album.add('the-last-one-stays', page);

  // With another one beside it, it goes. The one that is known already does not answer for a new one.
  await session.send('WebAuthn.setUserVerified', { authenticatorId: laptop, isUserVerified: false });
  await add('usb');
  await page.getByLabel('Name of the new passkey').fill('On the key ring');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await row('On the key ring').waitFor();
  await remove('This laptop');
  await page.getByText('The passkey was removed.').waitFor();
  await row('This laptop').waitFor({ state: 'detached' });
  expect(await row('On the key ring').count()).toBe(1);
  await album.add('removed', page);
});

test('a grave question on its card, and a rule that goes: not without the passkey, and with it', async () => {
  const { add, folder, home, origin, page, session, waiting } = await passkeyScene();
  const album = createAlbum(outputFolder('passkeys-card'));
  const laptop = await add('internal');
  await page.goto(`${origin}/#/devices`);
  await page.getByLabel('Name of the new passkey').fill('This laptop');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey was added.').waitFor();

  const { id } = await waiting('In grave/a.txt replace "one" with "two"');
  const stateOf = async () => {
    const { approvals } = await askCli<{ approvals: Waiting[] }>(home, ['approvals', 'list']);
    return approvals.find((one) => one.id === id);
  };
  await page.goto(`${origin}/#/approvals/${id}`);
  const card = page.getByRole('article');
  await card.getByText('"grave/a.txt"').or(card.getByText('grave/a.txt')).first().waitFor();
  await album.add('card', page);
  const allow = async () => {
    await card.getByRole('button', { name: 'Allow once' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Allow once' }).click();
  };

  // The person is not the one whom the authenticator knows: nothing is sent.
  await session.send('WebAuthn.setUserVerified', { authenticatorId: laptop, isUserVerified: false });
  await allow();
  await page.getByText('The passkey was not used').waitFor();
  await album.add('without-the-passkey', page);
  expect(await stateOf()).toMatchObject({ state: 'pending' });
  expect(readFileSync(join(folder, 'grave', 'a.txt'), 'utf8')).toBe('one\n');

  await session.send('WebAuthn.setUserVerified', { authenticatorId: laptop, isUserVerified: true });
  await allow();
  await card.getByText('passkey', { exact: false }).first().waitFor();
  await until('the file is written', () =>
    Promise.resolve(readFileSync(join(folder, 'grave', 'a.txt'), 'utf8') === 'two\n'),
  );
  expect(await stateOf()).toMatchObject({ state: 'done', provenBy: 'webauthn' });
  await album.add('with-the-passkey', page);

  // To take away a rule that holds back needs the passkey as well: the command line has none.
  const cli = await runCli(home, ['policy', 'remove', 'prove-recent', '--json']);
  expect(cli.code).not.toBe(0);
  await page.getByRole('tab', { name: 'Rules' }).click();
  const dialog = page.getByRole('dialog');
  const remove = async () => {
    await page.getByRole('button', { name: 'Remove prove-recent' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
  };
  await session.send('WebAuthn.setUserVerified', { authenticatorId: laptop, isUserVerified: false });
  await remove();
  await dialog.getByRole('alert').getByText('The passkey was not used').waitFor();
  await album.add('rule-without-the-passkey', page);
  await session.send('WebAuthn.setUserVerified', { authenticatorId: laptop, isUserVerified: true });
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('The rule holds no longer.').waitFor();
  await page.getByRole('button', { name: 'Remove prove-recent' }).waitFor({ state: 'detached' });
  expect(readFileSync(join(home, 'config.yaml'), 'utf8')).not.toContain('prove-recent');
});
