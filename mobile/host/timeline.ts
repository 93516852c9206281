import { TimelineEntry as WireEntry } from '../../contract/sessions.ts';
import type { Texts } from '../texts/t.ts';
import type { TimelineEntry } from './views.ts';

/** Entries kept on the phone; what is older stays on the host. */
export const MOST_ENTRIES = 1000;
/** A line longer than this is not one of the host's. */
const LONGEST_LINE = 1_048_576;

function isKeyOf<T extends object>(table: T, key: string): key is string & keyof T {
  return Object.hasOwn(table, key);
}

/** How a session ended, in words; `end_turn` is how every agent ends that has nothing to add. */
function endingOf({ detail, state }: WireEntry & { kind: 'state' }, texts: Texts): string {
  const { ended, stopped } = texts.session;
  if (isKeyOf(stopped, detail)) return stopped[detail];
  const said = isKeyOf(ended, state) ? ended[state] : state;
  const told = state === 'done' || state === 'truncated' || detail === '';
  return told ? said : `${said.replace(/\.$/, '')}: ${detail}`;
}

function shown(entry: WireEntry, texts: Texts): Pick<TimelineEntry, 'kind' | 'text'> {
  switch (entry.kind) {
    case 'user':
      return { kind: 'you', text: entry.text };
    case 'message':
      return { kind: 'agent', text: entry.text };
    case 'thought':
      return { kind: 'note', text: entry.text };
    case 'tool':
      return { kind: 'tool', text: [entry.title, ...entry.paths, entry.output].filter(Boolean).join('\n') };
    case 'plan': {
      const marks = { pending: '○', in_progress: '◐', completed: '●' };
      return {
        kind: 'plan',
        text: entry.entries.map((step) => `${marks[step.state]} ${step.text}`).join('\n'),
      };
    }
    case 'permission':
      return { kind: 'note', text: `${texts.session.permission[entry.outcome]}: ${entry.title}` };
    case 'file':
      return { kind: 'diff', text: entry.diff };
    case 'state':
      return { kind: 'note', text: endingOf(entry, texts) };
  }
}

/** What belongs together is one entry: the states of one tool call, the plan as it is now, one question. */
function idOf(entry: WireEntry): string {
  if (entry.kind === 'tool') return `tool-${entry.toolCallId}`;
  if (entry.kind === 'permission') return `permission-${entry.approvalId}`;
  return entry.kind === 'plan' ? 'plan' : String(entry.seq);
}

function add(entries: readonly TimelineEntry[], wire: WireEntry, texts: Texts): readonly TimelineEntry[] {
  const entry: TimelineEntry = { id: idOf(wire), at: Date.parse(wire.at), ...shown(wire, texts) };
  const last = entries[entries.length - 1];
  if (last?.kind === 'agent' && wire.kind === 'message') {
    return [...entries.slice(0, -1), { ...last, text: last.text + entry.text }];
  }
  const known = entries.findIndex(({ id }) => id === entry.id);
  if (known >= 0) return entries.map((other, at) => (at === known ? entry : other));
  return [...entries, entry].slice(-MOST_ENTRIES);
}

/** Reads a timeline as it arrives, in pieces that end anywhere. Lines that are not entries are left out. */
export function createTimelineReader(texts: Texts): { add(text: string): readonly TimelineEntry[] } {
  let rest = '';
  let entries: readonly TimelineEntry[] = [];
  function readLine(line: string): void {
    try {
      entries = add(entries, WireEntry.parse(JSON.parse(line)), texts);
    } catch {
      // A damaged line of the host's file says nothing; the ones around it do.
    }
  }
  return {
    add(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) rest = '';
      for (const line of lines) if (line !== '') readLine(line);
      return entries;
    },
  };
}
