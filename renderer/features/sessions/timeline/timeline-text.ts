import type { TimelineItem } from './timeline-model.ts';

/** Everything that a person could look for in an item. */
export function searchText(item: TimelineItem): string {
  switch (item.kind) {
    case 'speech':
      return item.text;
    case 'tool':
      return [item.entry.title, ...item.entry.paths, item.entry.output].join('\n');
    case 'plan':
      return item.entry.entries.map(({ text }) => text).join('\n');
    case 'permission':
      return item.entry.title;
    case 'file':
      return `${item.entry.path}\n${item.entry.diff}`;
    case 'state':
      return `${item.entry.state} ${item.entry.detail}`;
  }
}

/** Indexes of the items that hold a text, whatever its case. */
export function findItems(items: readonly TimelineItem[], wanted: string): number[] {
  const text = wanted.trim().toLocaleLowerCase();
  if (text === '') return [];
  return items.flatMap((item, at) => (searchText(item).toLocaleLowerCase().includes(text) ? [at] : []));
}

/** An item as Markdown, to take elsewhere. */
export function copyText(item: TimelineItem, who: Record<'user' | 'message' | 'thought', string>): string {
  switch (item.kind) {
    case 'speech':
      return `**${who[item.who]}**\n\n${item.text.trim()}`;
    case 'tool':
      return `\`${item.entry.title}\` (${item.entry.state})${item.entry.output === '' ? '' : `\n\n${fenced(item.entry.output)}`}`;
    case 'plan':
      return item.entry.entries
        .map(({ text, state }) => `- [${state === 'completed' ? 'x' : ' '}] ${text}`)
        .join('\n');
    case 'permission':
      return `> ${item.entry.title} (${item.entry.outcome})`;
    case 'file':
      return `${item.entry.path}\n\n${fenced(item.entry.diff, 'diff')}`;
    case 'state':
      return `> ${item.entry.state}${item.entry.detail === '' ? '' : `: ${item.entry.detail}`}`;
  }
}

/** A fence that nothing in the text can close. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}
