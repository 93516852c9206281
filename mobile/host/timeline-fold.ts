import type { TimelineEntry } from '../../contract/sessions.ts';
import type { TimelineItem } from './task-views.ts';

/** Entries folded to what is shown. */
export interface Folded {
  readonly items: readonly TimelineItem[];
  /** Numbers of the first and the last entry; -1 before the first. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export const nothingFolded: Folded = { items: [], firstSeq: -1, lastSeq: -1 };

/** What belongs together is one item: the states of one tool call, the plan of a turn, one question. */
function idOf(entry: TimelineEntry, turn: number): string {
  if (entry.kind === 'tool') return `tool-${entry.toolCallId}`;
  if (entry.kind === 'permission') return `permission-${entry.approvalId}`;
  return entry.kind === 'plan' ? `plan-${String(turn)}` : String(entry.seq);
}

function itemOf(entry: TimelineEntry, id: string): TimelineItem {
  const at = { id, at: Date.parse(entry.at) };
  switch (entry.kind) {
    case 'user':
      return { ...at, kind: 'speech', who: 'you', text: entry.text };
    case 'message':
      return { ...at, kind: 'speech', who: 'agent', text: entry.text };
    case 'thought':
      return { ...at, kind: 'speech', who: 'thought', text: entry.text };
    case 'tool': {
      const { output, paths, state, title } = entry;
      return { ...at, kind: 'tool', title, state, paths, output };
    }
    case 'plan':
      return { ...at, kind: 'plan', steps: entry.entries };
    case 'permission': {
      const { approvalId, outcome, title } = entry;
      return { ...at, kind: 'permission', approvalId, title, outcome };
    }
    case 'file':
      return { ...at, kind: 'file', path: entry.path, diff: entry.diff };
    case 'state':
      return { ...at, kind: 'note', state: entry.state, detail: entry.detail };
  }
}

/** Pieces of one speech are joined; words of a person are whole as they come. */
function joined(last: TimelineItem | undefined, item: TimelineItem): TimelineItem | undefined {
  if (last?.kind !== 'speech' || item.kind !== 'speech') return undefined;
  if (last.who !== item.who || item.who === 'you') return undefined;
  return { ...last, text: last.text + item.text };
}

/** Adds entries behind those that are there; one that was seen already changes nothing. */
export function fold(before: Folded, entries: readonly TimelineEntry[]): Folded {
  const fresh = entries.filter(({ seq }) => seq > before.lastSeq);
  if (fresh.length === 0) return before;
  const items = [...before.items];
  const places = new Map(items.map(({ id }, place) => [id, place]));
  let { firstSeq, lastSeq } = before;
  let turn = items.filter((item) => item.kind === 'speech' && item.who === 'you').length;
  for (const entry of fresh) {
    if (entry.seq <= lastSeq) continue;
    lastSeq = entry.seq;
    if (firstSeq < 0) firstSeq = entry.seq;
    if (entry.kind === 'user') turn += 1;
    const item = itemOf(entry, idOf(entry, turn));
    const more = joined(items[items.length - 1], item);
    const place = places.get(item.id);
    if (more) items[items.length - 1] = more;
    else if (place === undefined) places.set(item.id, items.push(item) - 1);
    else items[place] = { ...item, at: items[place]?.at ?? item.at };
  }
  return { items, firstSeq, lastSeq };
}
