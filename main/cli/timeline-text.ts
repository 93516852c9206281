import type { TimelineEntry } from '../../contract/sessions.ts';
import { plainLine, plainText } from './plain-text.ts';

/** One entry of a conversation for a person at a terminal. Pure. */
export function timelineText(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'user':
      return `> ${plainText(entry.text)}`;
    case 'message':
      return plainText(entry.text);
    case 'thought':
      return `(${plainText(entry.text)})`;
    case 'tool': {
      const output = entry.output === '' ? '' : `\n${indent(plainText(entry.output))}`;
      return `[${entry.state}] ${plainLine(entry.title)}${output}`;
    }
    case 'plan':
      return entry.entries
        .map(({ text, state }) => `${state === 'completed' ? '[x]' : '[ ]'} ${plainLine(text)}`)
        .join('\n');
    case 'permission':
      return `[${entry.outcome}] ${plainLine(entry.title)} (approval ${entry.approvalId})`;
    case 'file':
      return `changed ${plainLine(entry.path)}\n${indent(plainText(entry.diff))}`;
    case 'state':
      return `-- ${plainLine(entry.state)}${entry.detail === '' ? '' : `: ${plainLine(entry.detail)}`}`;
  }
}

const indent = (text: string): string => text.replace(/^/gm, '    ');
