import { en } from '../texts/en.ts';
import { createTimelineReader } from './timeline.ts';

const at = '2026-01-01T00:00:00.000Z';
const line = (entry: object): string => `${JSON.stringify({ at, ...entry })}\n`;

test('joins the parts of a message, and the states of one tool call', () => {
  const tool = { kind: 'tool', toolCallId: 'c1', title: 'Edit', toolKind: 'edit', paths: ['a.txt'] };
  const text =
    line({ seq: 0, kind: 'user', text: 'Do it' }) +
    line({ seq: 1, kind: 'message', text: 'I will ' }) +
    line({ seq: 2, kind: 'message', text: 'do it.' }) +
    line({ seq: 3, ...tool, state: 'pending', output: '' }) +
    line({ seq: 4, ...tool, state: 'completed', output: 'ok' });
  expect(
    createTimelineReader(en)
      .add(text)
      .map(({ kind, text: shown }) => `${kind}: ${shown}`),
  ).toEqual([...['you: Do it', 'agent: I will do it.', 'tool: Edit\na.txt\nok']]);
});

test('pieces may end anywhere, and damaged lines are left out', () => {
  const reader = createTimelineReader(en);
  const whole = `${line({ seq: 0, kind: 'user', text: 'ä' })}no json\n${line({ seq: 1, kind: 'user', admin: true })}`;
  for (const letter of whole) reader.add(letter);
  expect(reader.add('').map(({ text }) => text)).toEqual(['ä']);
});

test.each([
  ['done', 'end_turn', 'The agent is done.'],
  ['done', 'max_tokens', 'The agent stopped: its answer became too long.'],
  ['done', 'something_new', 'The agent is done.'],
  ['cancelled', '', 'The task was cancelled.'],
  ['failed', 'the agent could not be started', 'The task failed: the agent could not be started'],
  ['toString', '', 'toString'],
])('a session that ends with “%s: %s” says so in words', (state, detail, words) => {
  const reader = createTimelineReader(en);
  const entry = { seq: 1, at: '2026-01-01T00:00:00.000Z', kind: 'state', state, detail };
  expect(reader.add(`${JSON.stringify(entry)}\n`)).toMatchObject([{ kind: 'note', text: words }]);
});
