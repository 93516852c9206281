import type { Command } from 'commander';
import type { SessionId } from '../../../contract/ids.ts';
import type {
  OwnStore,
  OwnStoreStatus,
  Session,
  SessionNotice,
  TimelineEntry,
} from '../../../contract/sessions.ts';
import type { Cli, Verbs } from '../cli.ts';
import { usage } from '../failure.ts';
import { facts, plainLine, table } from '../plain-text.ts';
import { timelineText } from '../timeline-text.ts';

interface ListFlags {
  readonly agent?: string;
  readonly workspace?: string;
  readonly origin?: string;
  readonly state?: string;
  readonly limit?: string;
}

/** Conversations with agents: those of this host and, where that is switched on, the agents' own. */
export function addSessionVerbs(program: Command, { verb, group }: Verbs): void {
  const sessions = group(program, 'sessions', 'conversations with agents');
  verb<ListFlags>(sessions, 'list', 'newest first', listSessions, (command) =>
    command
      .option('--agent <name>', 'those with this agent alone')
      .option('--workspace <ref>', 'those in this workspace alone')
      .option('--origin <origin>', 'task: begun by this host; agent: found in a store of an agent')
      .option('--state <state>', 'open, ended, or deleted (can be restored for 30 days)')
      .option('--limit <count>', 'at most so many; 100 when left out'),
  );
  verb<{ last?: string }>(
    sessions,
    'show <id>',
    'one conversation, from its beginning',
    showSession,
    (command) => command.option('--last <count>', 'only the last entries'),
  );
  const onOne = (word: 'delete' | 'restore' | 'cancel' | 'close', summary: string, done: string) =>
    verb(sessions, `${word} <id>`, summary, async (cli, [id = '']) => {
      const session = await cli.call(`sessions.${word}`, { sessionId: id });
      cli.answer(session, `${id} ${done}`);
    });
  onOne('delete', 'delete a conversation; it can be restored for 30 days', 'is deleted');
  onOne('restore', 'bring a deleted conversation back', 'is back');
  onOne('cancel', 'end the turn that runs in an open session', 'is told to stop');
  onOne('close', 'close an open session; it can be continued later', 'is closed');
  verb(sessions, 'mode <id> [mode]', 'how the agent works in an open session, or set it', setMode);
  verb(
    sessions,
    'set <id> <option> <value>',
    'set an option that the agent of an open session offers',
    setOption,
  );
  verb<{ read?: string[] }>(
    sessions,
    'stores',
    "which of the agents' own stores are read, or choose them",
    stores,
    (command) => command.option('--read <agents...>', 'codex, claude, gemini, opencode; or none'),
  );
}

async function listSessions(cli: Cli, _args: readonly string[], flags: ListFlags): Promise<void> {
  const { limit, ...filter } = flags;
  const answer = await cli.call('sessions.list', {
    ...(filter as { origin?: Session['origin']; state?: Session['state'] }),
    ...(limit !== undefined && { limit: Number(limit) }),
  });
  const rows = answer.sessions.map((one) => [
    one.id,
    one.state,
    one.origin === 'agent' ? `${one.agent} (own)` : one.agent,
    one.lastActiveAt,
    one.title,
  ]);
  const list =
    rows.length === 0 ? 'no session yet' : table(['ID', 'STATE', 'AGENT', 'LAST ACTIVE', 'TITLE'], rows);
  const more = answer.next === null ? '' : '\nthere are more; ask for them with --limit';
  cli.answer(answer, list + more + noticeText(answer.notices));
}

async function showSession(
  cli: Cli,
  [id = '']: readonly string[],
  { last }: { last?: string },
): Promise<void> {
  const sessionId = id as SessionId;
  if (last !== undefined) {
    const page = await cli.call('sessions.timeline', { sessionId, newest: true, limit: Number(last) });
    cli.answer({ ...page.session, entries: page.entries }, page.entries.map(timelineText).join('\n'));
    return;
  }
  let page = await cli.call('sessions.timeline', { sessionId });
  let entries: TimelineEntry[] = [...page.entries];
  while (page.more && page.entries.length > 0) {
    const { epoch } = page;
    page = await cli.call('sessions.timeline', { sessionId, epoch, afterSeq: entries.at(-1)?.seq ?? -1 });
    // Dropped and written anew meanwhile: what was read before belongs to another timeline.
    entries = page.reset ? [...page.entries] : entries.concat(page.entries);
  }
  cli.answer({ ...page.session, entries }, entries.map(timelineText).join('\n'));
}

async function setMode(cli: Cli, [id = '', modeId]: readonly string[]): Promise<void> {
  const sessionId = id as SessionId;
  const session = await (modeId === undefined
    ? cli.call('sessions.get', { sessionId })
    : cli.call('sessions.setMode', { sessionId, modeId }));
  const modes = session.modes?.available ?? [];
  const rows = modes.map((one) => [
    one.id === session.modes?.current ? '*' : '',
    one.id,
    one.name,
    one.description,
  ]);
  cli.answer(
    session,
    modes.length === 0 ? 'the agent offers no modes' : table(['', 'MODE', 'NAME', 'DESCRIPTION'], rows),
  );
}

async function setOption(cli: Cli, [id = '', optionId = '', given = '']: readonly string[]): Promise<void> {
  const sessionId = id as SessionId;
  const { options } = await cli.call('sessions.get', { sessionId });
  const isSwitch = options.find((one) => one.id === optionId)?.type === 'boolean';
  const value = isSwitch && (given === 'true' || given === 'false') ? given === 'true' : given;
  const session = await cli.call('sessions.setOption', { sessionId, optionId, value });
  const now = session.options.map((one): [string, string] => [one.id, String(one.value)]);
  cli.answer(session, now.length === 0 ? 'the agent offers no options' : facts(now));
}

async function stores(cli: Cli, _args: readonly string[], { read }: { read?: string[] }): Promise<void> {
  if (read !== undefined) {
    if (read.includes('none') && read.length > 1) throw usage('--read: "none" stands alone');
    const chosen = read.includes('none') ? [] : (read as OwnStore[]);
    const answer = await cli.call('sessions.readOwn', { stores: chosen });
    cli.answer(answer, storesText(answer.stores));
    return;
  }
  const answer = await cli.call('sessions.discover', {});
  cli.answer(answer, storesText(answer.stores) + noticeText(answer.notices));
}

function storesText(all: readonly OwnStoreStatus[]): string {
  const rows = all.map((one) => [one.store, one.state, String(one.sessions), String(one.leftOut)]);
  return table(['AGENT', 'STATE', 'SESSIONS', 'LEFT OUT'], rows);
}

function noticeText(notices: readonly SessionNotice[]): string {
  return notices.map(({ message }) => `\nnote: ${plainLine(message, 1000)}`).join('');
}
