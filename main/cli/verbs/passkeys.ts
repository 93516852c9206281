import type { Command } from 'commander';
import type { Verbs } from '../cli.ts';
import { Failure } from '../failure.ts';
import { table } from '../plain-text.ts';

const MAX_CODE_BYTES = 256;

/**
 * `passkeys`: how the owner proves to be there. The command line cannot prove it: what needs a proof while a passkey
 * exists is refused here, and done on the dashboard.
 */
export function addPasskeyVerbs(program: Command, { verb, group }: Verbs): void {
  const passkeys = group(program, 'passkeys', 'how you prove that you are there');
  verb(passkeys, 'list', 'the passkeys of this host', async (cli) => {
    const { passkeys: all } = await cli.call('presence.status', {});
    const rows = all.map((one) => [one.id, one.name, one.rpId, one.createdAt, one.lastUsedAt ?? 'never']);
    cli.answer(
      { passkeys: all },
      rows.length === 0
        ? 'no passkey; add one on the dashboard, at http://localhost'
        : table(['ID', 'NAME', 'MADE FOR', 'ADDED', 'LAST USED'], rows),
    );
  });
  verb(passkeys, 'rename <id> <name>', 'give a passkey another name', async (cli, [id = '', name = '']) => {
    const passkey = await cli.call('presence.renamePasskey', { passkeyId: id, name });
    cli.answer(passkey, `${passkey.id} is now "${passkey.name}"`);
  });
  verb(
    passkeys,
    'remove <id>',
    'forget a passkey; needs a proof, which the dashboard asks for',
    async (cli, [id = '']) => {
      await cli.call('presence.removePasskey', { passkeyId: id });
      cli.answer({ removed: id }, `${id} is forgotten`);
    },
  );
  verb(passkeys, 'recovery-code', 'make a code for the day on which no passkey is at hand', async (cli) => {
    const { code } = await cli.call('presence.createRecoveryCode', {});
    cli.answer(
      { token: code },
      `${code}\n\nshown once; it removes every passkey: signalbox passkeys recover`,
    );
  });
  verb(passkeys, 'recover', 'remove every passkey by the recovery code, read from stdin', async (cli) => {
    const { removed } = await cli.call('presence.recover', { code: await codeFromStdin() });
    cli.answer({ removed }, `${removed} passkeys are forgotten; add a new one on the dashboard`);
  });
}

/** One line of stdin: a code does not belong into argv, where every user of the machine can read it. */
async function codeFromStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > MAX_CODE_BYTES)
      throw new Failure('invalid_input', 'that is longer than a recovery code');
    if (text.includes('\n')) break;
  }
  const code = text.trim();
  if (code === '') throw new Failure('invalid_input', 'write the recovery code to stdin');
  return code;
}
