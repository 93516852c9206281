import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteChunk } from '../../../contract/byte-stream.ts';
import type { SessionId } from '../../../contract/ids.ts';
import { TimelineEntry } from '../../../contract/sessions.ts';
import { createOutbound } from '../../guard/outbound.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { createByteStreams } from '../../kernel/byte-streams.ts';
import { sessionsBench } from '../../testing/sessions-bench.ts';
import type { NewTimelineEntry } from './live-timeline.ts';

const owner = ownerCaller('cli');
const LONG_PAUSE_MS = 5000;
/** So much of a secret may be seen of which nobody knows yet that it is one. */
const SEEN = 8;
const KNOWN = 'correct horse battery staple';
const TOKEN = 'ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

/** Sessions behind the real gate, and a reader that waits at the end of a timeline like a screen does. */
async function bench() {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32) });
  outbound.addSecret(KNOWN);
  const streams = createByteStreams({ redactor: () => outbound.stream() });
  const made = sessionsBench({
    streams,
    gate: {
      sanitize: (text) => outbound.text('timeline', text).text,
      part: (text, from, to) => outbound.part('timeline', text, from, to),
      settled: (text, patient) => outbound.settled(text, patient),
    },
  });
  const { id } = await made.open();
  return { ...made, id, reader: follow(streams, id) };
}

function follow(streams: ReturnType<typeof createByteStreams>, sessionId: SessionId) {
  const entries: TimelineEntry[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  const stream = streams.follow({ kind: 'timeline', sessionId }, 0, {
    chunk({ text, nextOffset }: ByteChunk) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) entries.push(TimelineEntry.parse(JSON.parse(line)));
      stream?.ack(nextOffset);
      for (const look of [...waiting]) look();
    },
    end() {},
  });
  return {
    /** Words that the agent has said, as far as the reader has them. */
    said: () => entries.map((entry) => (entry.kind === 'message' ? entry.text : '')).join(''),
    entries,
    /** Waits for bytes alone; that time does not pass is up to the caller. */
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => stream?.close(),
  };
}

const WORDS = [
  ...['Looking', 'at', 'the', 'tests.', 'README', 'createHost', 'Done!', '42', '(see', 'below)', 'naïve'],
  ...[
    '你好，世界。',
    '現在テストを実行します',
    'main/host.ts',
    '“quoted”',
    '\n\n',
    '- item',
    '**bold**',
    'a',
    '…',
  ],
];
/** What is no plain word, and no token either. */
const CODE = [
  ...['{"name":"signalbox","tools":["read"]}', 'https://example.com/a?b=c', 'user@example.com', 'v1.2.3'],
  ...['two-part', 'snake_case', 'x=1', 'C:\\work', '1200ms', 'a/b_c-d.e', '2026-01-31', '99%'],
];

const others: readonly NewTimelineEntry[] = [
  { kind: 'user', text: 'go on' },
  { kind: 'plan', entries: [{ text: 'a step', state: 'pending' }] },
  { kind: 'state', state: 'steered', detail: '' },
];
const stepsOf = (words: readonly string[]) =>
  fc.array(
    fc.tuple(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 })
            .map((some): NewTimelineEntry => ({ kind: 'message', text: ` ${some.join(' ')}` })),
        },
        fc.constantFrom(...others),
      ),
      fc.boolean(),
    ),
    { maxLength: 25 },
  );

test.each([
  ['every word', WORDS, 100],
  ['code and addresses', [...WORDS, ...CODE], 1100],
])(
  'a reader that waits has every entry at once, and %s soon after the agent said it',
  async (what, words, ms) => {
    let looks = 0;
    await fc.assert(
      fc.asyncProperty(stepsOf(words), async (all) => {
        const { id, reader, sessions, advance, call } = await bench();
        let [said, count] = ['', 0];
        for (const [entry, pauses] of all) {
          sessions.append(id, entry);
          if (entry.kind === 'message') said += entry.text;
          else count += 1;
          if (entry.kind === 'message' && !pauses) continue;
          // Whatever is no word is there at once, with all the words before it.
          if (entry.kind === 'message') advance(ms);
          await reader.until(
            () =>
              reader.said() === said &&
              reader.entries.filter(({ kind }) => kind !== 'message').length === count,
          );
          const page = await call['sessions.timeline']({ sessionId: id, newest: true, limit: 1000 }, owner);
          expect(page.entries).toEqual(reader.entries);
          looks += 1;
        }
        reader.close();
      }),
      { numRuns: 60 },
    );
    process.stdout.write(`timeline lag, ${what}: ${looks} looks, none later than ${ms} ms\n`);
  },
);

test('a sentence in a script without blanks is there 100 ms later, however long it is', async () => {
  const { id, reader, sessions, advance } = await bench();
  const text = '現在テストを実行しています。'.repeat(100);
  sessions.append(id, { kind: 'message', text });
  advance(100);
  await reader.until(() => reader.said() === text);
  reader.close();
});

test.each([KNOWN, TOKEN, `password: ${TOKEN}`, `Bearer ${TOKEN}`])(
  'wherever “%s” is cut and however long the agent pauses, no piece of it that says anything is written',
  async (secret) => {
    const hidden = secret.replace(/^(?:password: |Bearer )/, '');
    for (let cut = 1; cut < secret.length; cut += 1) {
      for (const second of [cut + 1, cut + 5, secret.length]) {
        const { id, reader, sessions, advance } = await bench();
        for (const text of ['use ', secret.slice(0, cut), secret.slice(cut, second), secret.slice(second)]) {
          sessions.append(id, { kind: 'message', text });
          advance(LONG_PAUSE_MS);
        }
        sessions.append(id, { kind: 'message', text: ' and go on' });
        sessions.flush(id);
        await reader.until(() => reader.said().endsWith('go on'));
        for (let at = 0; at + SEEN < hidden.length; at += 1)
          expect(reader.said(), `cut at ${cut} and ${second}`).not.toContain(hidden.slice(at, at + SEEN + 1));
        reader.close();
      }
    }
  },
);
