import { en } from '../../texts/en.ts';
import { endingOf } from './ending.ts';

test.each([
  ['done', 'end_turn', 'The agent is done.'],
  ['done', 'max_tokens', 'The agent stopped: its answer became too long.'],
  ['done', 'something_new', 'The agent is done.'],
  ['cancelled', '', 'The task was cancelled.'],
  ['failed', 'the agent could not be started', 'The task failed: the agent could not be started'],
  ['toString', '', 'toString'],
])('a session that ends with “%s: %s” says so in words', (state, detail, words) => {
  expect(endingOf({ state, detail }, en)).toBe(words);
});
