import type { BridgeLogLine } from '../../../contract/bridge.ts';
import type { CommandName, OutputOf } from '../../../contract/commands.ts';

type Out<N extends Extract<CommandName, `bridge.${string}`>> = OutputOf<N>;

/** The text of a tool result, for clients that show text only; structured content always goes with it. All pure. */
export function renderRead(file: Out<'bridge.read'>): string {
  const redacted = file.redactions === 0 ? '' : `, ${file.redactions} secrets replaced`;
  return `${file.path} (${file.lines} lines, sha256 ${file.sha256}${redacted})\n\n${file.text}`;
}

export function renderListing({ entries, truncated }: Out<'bridge.list'>): string {
  const lines = entries.map(({ name, kind, bytes, blocked }) => {
    const size = bytes === null ? '' : ` ${bytes} B`;
    return `${kind === 'directory' ? `${name}/` : name}${size}${blocked ? ' (blocked)' : ''}`;
  });
  return [...lines, ...(truncated ? ['… more entries exist'] : [])].join('\n') || 'The folder is empty.';
}

export function renderMatches({ matches, truncated }: Out<'bridge.search'>): string {
  const lines = matches.map(({ path, line, text }) => `${path}:${line}: ${text}`);
  return [...lines, ...(truncated ? ['… more matches exist'] : [])].join('\n') || 'No match.';
}

export function renderChanges({ status, diff, truncated }: Out<'bridge.showChanges'>): string {
  if (status === '' && diff === '') return 'Nothing has changed.';
  return [status, diff, ...(truncated ? ['… cut'] : [])].filter((part) => part !== '').join('\n');
}

export function renderBash(run: Out<'bridge.bash'>): string {
  const ended = run.timedOut ? 'timed out' : `exit ${run.exitCode ?? 'by signal'}`;
  const cut = run.truncated ? ', output cut' : '';
  return [`${ended}${cut}, sandbox ${run.sandbox}`, run.stdout, run.stderr]
    .filter((part) => part !== '')
    .join('\n');
}

export function renderLog({ name, state, lines, first, end }: Out<'bridge.processLog'>): string {
  const range = end === first ? 'nothing was printed' : `lines ${first} to ${end - 1} are kept`;
  return [`${name}: ${state}, ${range}`, ...lines.map((line) => showLine(line, ' '))].join('\n');
}

export function renderLogSearch({ found }: Out<'bridge.searchProcessLogs'>): string {
  const texts = found.map(({ name, lines, more }) => {
    const shown = lines.map((line) => showLine(line, line.hit ? ':' : '-'));
    return [name, ...(more ? ['… older matches exist'] : []), ...shown].join('\n');
  });
  return texts.join('\n\n') || 'No match.';
}

function showLine({ number, at, stream, text, cut }: BridgeLogLine, mark: string): string {
  return `${number}${mark} ${at} ${stream === 'stderr' ? 'stderr | ' : ''}${text}${cut ? ' …' : ''}`;
}
