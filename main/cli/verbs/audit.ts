import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Cli, Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { table } from '../plain-text.ts';

/** The record of everything that was asked, decided and done. */
export function addAuditVerbs(program: Command, { verb, group }: Verbs): void {
  const audit = group(program, 'audit', 'the record of what was asked, decided and done');
  verb<{ limit?: string; search?: string }>(
    audit,
    'tail',
    'the newest records',
    async (cli, _args, { limit, search }) => {
      const answer = await cli.call('audit.tail', {
        ...(limit !== undefined && { limit: parseWhole('--limit', limit, 1, 1000) }),
        ...(search !== undefined && { search }),
      });
      const rows = answer.records.map((one) => [String(one.seq), one.at, one.actor, one.type, one.object]);
      cli.answer(
        answer,
        rows.length === 0 ? 'no record' : table(['SEQ', 'AT', 'ACTOR', 'WHAT', 'OBJECT'], rows),
      );
    },
    (command) =>
      command
        .option('--limit <n>', 'how many; 100 if not given')
        .option('--search <text>', 'those that hold this text'),
  );
  verb<{ out: string }>(
    audit,
    'export',
    'write the whole log to one file that verifies offline',
    async (cli, _args, { out }) => {
      const answer = await cli.call('audit.export', { file: resolve(out) });
      cli.answer(answer, `${answer.records} records in ${answer.file}\nsha256 ${answer.sha256}`);
    },
    (command) => command.requiredOption('--out <file>', 'where to'),
  );
  verb<{ key?: string }>(
    audit,
    'verify <file>',
    'check an export: chain, records and signature; needs no host',
    verify,
    (command) =>
      command.option(
        '--key <base64>',
        'the public key that must have signed; the one in the file, if not given',
      ),
  );
}

async function verify(cli: Cli, [file = '']: readonly string[], { key }: { key?: string }): Promise<number> {
  const [{ readFile }, { verifyExport }] = await Promise.all([
    import('node:fs/promises'),
    import('../../services/audit/verify-export.ts'),
  ]);
  const text = await readFile(resolve(file), 'utf8').catch((error: unknown) => {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure('not_found', `there is no file ${resolve(file)}`);
    throw new Failure('unavailable', `${resolve(file)} cannot be read (${code})`);
  });
  const verdict = verifyExport(text, key);
  if (verdict.verdict === 'ok') {
    cli.answer(verdict, `ok: ${verdict.records} records, signed by ${verdict.key}`);
    return Exit.done;
  }
  const where = verdict.firstBadSeq === null ? '' : ` (first bad record: ${verdict.firstBadSeq})`;
  cli.answer(verdict, `${verdict.verdict}: ${verdict.message}${where}`);
  return Exit.failed;
}
