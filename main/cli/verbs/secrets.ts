import type { Command } from 'commander';
import { workspaceRef, type Verbs } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { Failure } from '../failure.ts';
import { table } from '../plain-text.ts';

const DAY_MS = 24 * 3_600_000;
const MAX_DAYS = 365;

interface AllowOptions {
  workspace?: string;
  note?: string;
  for: string;
}

/** `secrets list`, `allow` and `forget`: what the outbound gate held back, and values that are no secrets. */
export function addSecretVerbs(program: Command, { verb, group }: Verbs): void {
  const secrets = group(program, 'secrets', 'secrets that were kept from leaving this machine');
  verb(secrets, 'list', 'what was held back since the start, and what is allowed through', async (cli) => {
    const answer = await cli.call('secrets.list', {});
    const hits = answer.hits.map((hit) => [
      `#${hit.tag}`,
      hit.kind,
      String(hit.count),
      hit.where,
      hit.lastAt,
    ]);
    const allowed = answer.allowed.map((one) => [
      `#${one.tag}`,
      one.kind,
      one.workspaceId ?? 'everywhere',
      one.expiresAt,
      one.note,
    ]);
    const parts = [
      hits.length === 0
        ? 'nothing was held back since the start'
        : table(['TAG', 'KIND', 'COUNT', 'LAST IN', 'LAST AT'], hits),
      ...(allowed.length === 0 ? [] : [table(['ALLOWED', 'KIND', 'WHERE', 'UNTIL', 'NOTE'], allowed)]),
    ];
    cli.answer(answer, parts.join('\n'));
  });
  verb<AllowOptions>(
    secrets,
    'allow <tag>',
    'let a value through that looks like a secret and is none',
    async (cli, [tag = ''], { workspace, note, for: duration }) => {
      const workspaceId = workspace === undefined ? null : await idOf(cli, workspaceRef(workspace));
      const allowed = await cli.call('secrets.allow', {
        tag: plainTag(tag),
        workspaceId,
        days: daysOf(duration),
        ...(note !== undefined && { note }),
      });
      const where = workspaceId === null ? 'everywhere' : `in ${workspaceId}`;
      cli.answer(allowed, `#${allowed.tag} (${allowed.kind}) may leave ${where} until ${allowed.expiresAt}`);
    },
    (command) =>
      command
        .option('--for <duration>', 'how long, at most 365d', '30d')
        .option('--workspace <workspace>', 'only in what leaves this workspace')
        .option('--note <text>', 'why it is no secret'),
  );
  verb(secrets, 'forget <tag>', 'hold a value back again', async (cli, [tag = '']) => {
    await cli.call('secrets.forget', { tag: plainTag(tag) });
    cli.answer({ forgotten: plainTag(tag) }, `#${plainTag(tag)} is held back again`);
  });
}

/** As it stands in a text, with the `#`, or without. */
const plainTag = (tag: string): string => tag.replace(/^#/, '').toLowerCase();

/** Whole days; a shorter time is a day. Pure. */
export function daysOf(duration: string): number {
  const days = Math.max(1, Math.ceil(parseDuration(duration) / DAY_MS));
  if (days <= MAX_DAYS) return days;
  throw new Failure('invalid_input', `--for ${duration} is longer than ${MAX_DAYS} days`);
}

async function idOf(cli: Parameters<Parameters<Verbs['verb']>[3]>[0], ref: string) {
  const { workspaces } = await cli.call('workspaces.list', {});
  const found = workspaces.find(({ id, name, path }) => [id, name, path].includes(ref));
  if (found) return found.id;
  throw new Failure('not_found', `there is no workspace ${ref}: signalbox workspace list`);
}
