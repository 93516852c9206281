import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { AuditFilter } from '../../../contract/audit.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { table } from '../plain-text.ts';

/** The record of everything that was asked, decided and done. */
export function addAuditVerbs(program: Command, { verb, group }: Verbs): void {
  const audit = group(program, 'audit', 'the record of what was asked, decided and done');
  verb<{ limit?: string; search?: string } & FilterOptions>(
    audit,
    'tail',
    'the newest records',
    async (cli, _args, { limit, search, ...chosen }) => {
      const filter = filterOf(chosen);
      const answer = await cli.call('audit.tail', {
        ...(limit !== undefined && { limit: parseWhole('--limit', limit, 1, 1000) }),
        ...(search !== undefined && { search }),
        ...(filter !== null && { filter }),
      });
      const rows = answer.records.map((one) => [String(one.seq), one.at, one.actor, one.type, one.object]);
      cli.answer(
        answer,
        rows.length === 0 ? 'no record' : table(['SEQ', 'AT', 'ACTOR', 'WHAT', 'OBJECT'], rows),
      );
    },
    (command) =>
      withFilter(
        command
          .option('--limit <n>', 'how many; 100 if not given')
          .option('--search <text>', 'those that hold this text'),
      ),
  );
  verb<{ out: string; workspace?: string } & FilterOptions>(
    audit,
    'export',
    'write the log, or a part of it, to one file that verifies offline',
    async (cli, _args, { out, ...chosen }) => {
      const filter = filterOf(chosen);
      const answer = await cli.call('audit.export', {
        file: resolve(out),
        ...(filter !== null && { filter }),
      });
      cli.answer(answer, `${answer.records} records in ${answer.file}\nsha256 ${answer.sha256}`);
    },
    (command) => withFilter(command.requiredOption('--out <file>', 'where to')),
  );
  verb<{ since?: string }>(
    audit,
    'checkpoint',
    'the newest signed checkpoint: keep it elsewhere, and no history can be rewritten unseen',
    async (cli, _args, { since }) => {
      const answer = await cli.call(
        'audit.checkpoint',
        since === undefined ? {} : { since: parseWhole('--since', since, 1, Number.MAX_SAFE_INTEGER) },
      );
      cli.answer(answer, answer.note.trimEnd());
    },
    (command) => command.option('--since <n>', 'with the proof that it continues the one of n records'),
  );
  verb<{ keepDays: string }>(
    audit,
    'prune',
    'drop whole records of old days; their hashes stay',
    async (cli, _args, { keepDays }) => {
      const answer = await cli.call('audit.prune', {
        keepDays: parseWhole('--keep-days', keepDays, 1, 36_500),
      });
      cli.answer(answer, `${answer.removed} records dropped; the oldest kept is ${answer.oldestSeq}`);
    },
    (command) => command.requiredOption('--keep-days <n>', 'records of the last n days stay'),
  );
  verb<{ key?: string; prev?: string }>(
    audit,
    'verify <file>',
    'check an export: chain, records and signature; needs no host',
    verify,
    (command) =>
      command
        .option('--key <base64>', 'the public key that must have signed; the one in the file, if not given')
        .option('--prev <file>', 'an earlier checkpoint that this export must continue'),
  );
}

interface FilterOptions {
  readonly from?: string;
  readonly to?: string;
  readonly type?: readonly string[];
  readonly actor?: string;
  readonly workspace?: string;
}

function withFilter(command: Command): Command {
  return command
    .option('--from <instant>', 'not before; as 2026-01-31T00:00:00Z')
    .option('--to <instant>', 'not after')
    .option('--type <type...>', 'of these types: "approval" for all of them, "approval.denied" for one')
    .option('--actor <text>', 'by actors that hold this text')
    .option('--workspace <id>', 'of this workspace');
}

function filterOf({ from, to, type, actor, workspace }: FilterOptions): AuditFilter | null {
  const filter: AuditFilter = {
    ...(from !== undefined && { fromAt: from }),
    ...(to !== undefined && { toAt: to }),
    ...(type !== undefined && { types: [...type] }),
    ...(actor !== undefined && { actor }),
    ...(workspace !== undefined && { workspaceId: workspace }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

function unreadable(file: string): (error: unknown) => never {
  return (error) => {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure('not_found', `there is no file ${file}`);
    throw new Failure('unavailable', `${file} cannot be read (${code})`);
  };
}

async function verify(
  cli: Cli,
  [name = '']: readonly string[],
  { key, prev }: { key?: string; prev?: string },
): Promise<number> {
  const [{ readFile }, { createReadStream }, { createVerifier }] = await Promise.all([
    import('node:fs/promises'),
    import('node:fs'),
    import('../../services/audit/verify-export.ts'),
  ]);
  const file = resolve(name);
  const previousNote =
    prev === undefined ? undefined : await readFile(resolve(prev), 'utf8').catch(unreadable(resolve(prev)));
  const verifier = createVerifier({
    trustedKey: key,
    previousNote: previousNote && `${previousNote.trimEnd()}\n`,
  });
  // Strictly UTF-8: other bytes must not turn into the same text.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  const take = (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) verifier.line(line);
  };
  let decodable = true;
  try {
    for await (const chunk of createReadStream(file)) take(decoder.decode(chunk as Buffer, { stream: true }));
    take(decoder.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) unreadable(file)(error);
    decodable = false;
  }
  const verdict = verifier.end(rest !== '' || !decodable);
  if (verdict.verdict === 'ok') {
    const left = verdict.omitted === 0 ? '' : `, ${verdict.omitted} left out and proven by their hashes`;
    cli.answer(verdict, `ok: ${verdict.records} records${left}, signed by ${verdict.key}`);
    return Exit.done;
  }
  const where = verdict.firstBadSeq === null ? '' : ` (first bad record: ${verdict.firstBadSeq})`;
  cli.answer(verdict, `${verdict.verdict}: ${verdict.message}${where}`);
  return Exit.failed;
}
