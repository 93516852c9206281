/** @jest-environment node */
import type { InputOf, OutputOf } from '../../contract/commands.ts';
import { ActionRun } from '../../contract/predefined.ts';
import type { CallOutcome } from './call-outcome.ts';
import { createHeldTimers, nextTurn } from './fake-timers.ts';
import type { HostLink } from './host-link.ts';
import type { RunView } from './predefined-views.ts';
import { MOST_TEXT, openRunFeed } from './run-feed.ts';
import { ActionRunId } from '../../contract/ids.ts';

type Ask = InputOf<'tasks.readActionOutput'>;
type Page = OutputOf<'tasks.readActionOutput'>;

const at = '2026-01-01T00:00:00.000Z';
const base = { id: 'r1', name: 'smoke', startedBy: 'owner', requestedAt: at };
const waiting = ActionRun.parse({ ...base, state: 'waiting' });
const running = ActionRun.parse({ ...base, state: 'running', approvalId: 'ap-1', startedAt: at });
const ended = ActionRun.parse({
  ...{ ...running, state: 'ended', endedAt: at, exitCode: 0, signal: null },
  ...{ timedOut: false, stopped: false, durationMs: 5 },
});
const page = (run: ActionRun, text: string, offset = 0, end = offset + text.length): Page => ({
  ...{ run, text, offset, end, nextOffset: offset + text.length },
});

/** Each answer is given by the test. */
async function opened() {
  const timers = createHeldTimers();
  const asked: Ask[] = [];
  const views: RunView[] = [];
  let answer: (outcome: CallOutcome<'tasks.readActionOutput'>) => void = () => undefined;
  const call = (_name: string, input: Ask) => {
    asked.push(input);
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const link = { call } as unknown as Pick<HostLink, 'call'>;
  const feed = openRunFeed(ActionRunId.parse('r1'), {
    ...{ link, schedule: timers.schedule, unknown: 'no answer' },
    changed: (view) => views.push(view),
  });
  await nextTurn();
  return {
    ...{ asked, feed, views },
    async say(value: Page) {
      answer({ kind: 'done', value });
      await nextTurn();
      timers.pass(250);
      await nextTurn();
    },
    async refuse(why: string) {
      answer({ kind: 'refused', why, code: 'not_found' });
      await nextTurn();
    },
  };
}

test('a run is read from its approval to its end, each piece once, and then left alone', async () => {
  const { asked, say, views } = await opened();
  await say(page(waiting, ''));
  await say(page(running, 'one\n'));
  await say(page(ended, 'two\n', 4));
  expect(views.map(({ run, text }) => [run?.state, text])).toEqual([
    ['waiting', ''],
    ['running', 'one\n'],
    ['ended', 'one\ntwo\n'],
  ]);
  expect(asked).toEqual([
    { runId: 'r1', offset: 0 },
    { runId: 'r1', offset: 0, wait: { state: 'waiting', ms: 10_000 } },
    { runId: 'r1', offset: 4, wait: { state: 'running', ms: 10_000 } },
  ]);
});

test('the rest of what an ended run printed is read before it is left alone', async () => {
  const { asked, say, views } = await opened();
  await say(page(ended, 'one', 0, 6));
  await nextTurn();
  await say(page(ended, 'two', 3));
  expect(asked).toHaveLength(2);
  expect(views.at(-1)).toMatchObject({ text: 'onetwo', incomplete: false });
});

test('what was not kept, and what is more than a phone holds, is said to be missing', async () => {
  const gap = await opened();
  await gap.say(page(running, 'end\n', 1000));
  expect(gap.views.at(-1)).toMatchObject({ text: 'end\n', incomplete: true });
  const long = await opened();
  await long.say(page(running, `${'x'.repeat(99)}\n`.repeat(MOST_TEXT / 100 + 1)));
  const last = long.views.at(-1);
  expect(last?.incomplete).toBe(true);
  expect(last?.text.length).toBeLessThanOrEqual(MOST_TEXT / 2);
  expect(last?.text.startsWith('x'.repeat(99))).toBe(true);
});

test('a lost host leaves the output in sight and is asked from where it ended', async () => {
  const { asked, feed, refuse, say, views } = await opened();
  await say(page(running, 'one\n'));
  await refuse('not connected');
  expect(views.at(-1)).toMatchObject({ state: 'failed', why: 'not connected', text: 'one\n' });
  feed.again();
  expect(views.at(-1)).toMatchObject({ state: 'ready', why: '' });
  await say(page(ended, 'two\n', 4));
  expect(views.at(-1)?.text).toBe('one\ntwo\n');
  expect(asked.at(-1)).toMatchObject({ offset: 4 });
});

test('a closed feed tells nothing more', async () => {
  const { feed, say, views } = await opened();
  feed.close();
  await say(page(running, 'one\n'));
  expect(views).toEqual([]);
});
