import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { expect, test } from 'vitest';
import { processLogCommands } from '../../../../contract/process-logs.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { owner, realClock } from '../fakes.ts';
import { createLogs } from './logs.ts';
import { createLogSink } from './log-sink.ts';

const KEY = [
  '-----BEGIN PRIVATE KEY-----',
  ...Array.from({ length: 30 }, (_, i) => `keyline${i}`.padEnd(64, 'A')),
  '-----END PRIVATE KEY-----',
].join('\n');

/** Knows one word and one text of many lines. */
function part(text: string, from: number, to: number): string {
  const found = [
    ...text.matchAll(/zebra-4711/g),
    ...text.matchAll(/-----BEGIN[\s\S]*?END PRIVATE KEY-----/g),
  ];
  let result = '';
  let at = from;
  for (const hit of found) {
    const end = hit.index + hit[0].length;
    if (end <= at || hit.index >= to) continue;
    result += `${text.slice(at, Math.max(at, hit.index))}[gone]`;
    at = end;
  }
  return at >= to ? result : result + text.slice(at, to);
}

function setUp(options: { ripgrep?: boolean; maxBytes?: number } = {}) {
  const logsDir = temporaryFolder();
  const sinks = {
    web: createLogSink(join(logsDir, 'web'), options.maxBytes),
    api: createLogSink(join(logsDir, 'api'), options.maxBytes),
  };
  let epochs = 0;
  const logs = createLogs({
    logsDir,
    clock: realClock,
    newEpoch: () => `e${(epochs += 1)}`,
    part,
    names: () => ['web', 'api'],
    ripgrepPath: options.ripgrep === false ? undefined : () => rgPath,
  });
  const print = (name: 'web' | 'api', text: string, at = 0, stream: 'stdout' | 'stderr' = 'stdout') => {
    sinks[name].append(stream, Buffer.from(text), at);
    logs.grown(name);
  };
  const read = (input: object) => {
    const { input: shape } = processLogCommands['supervisor.readLines'];
    return Promise.resolve(logs.handlers['supervisor.readLines'](shape.parse(input), owner));
  };
  const search = (input: object) => {
    const { input: shape } = processLogCommands['supervisor.searchLogs'];
    return Promise.resolve(logs.handlers['supervisor.searchLogs'](shape.parse(input), owner));
  };
  return { print, read, search, logs };
}

test.each([true, false])(
  'a text is found in all processes, both streams and all files (ripgrep: %s)',
  async (ripgrep) => {
    const { print, search, logs } = setUp({ ripgrep, maxBytes: 30 });
    for (let index = 0; index < 8; index += 1)
      print('web', `row ${index} is ${index % 2 === 0 ? 'Good' : 'bad'}\n`);
    print('api', 'nothing\nGood news\n', 0, 'stderr');
    const { found } = await search({ what: { kind: 'text', text: 'Good' } });
    expect(found.map(({ name, hits }) => [name, hits])).toEqual([
      ['web', [0, 2, 4, 6]],
      ['api', [1]],
    ]);
    expect(found[1]?.lines[0]).toMatchObject({ stream: 'stderr', text: 'Good news' });
    const loose = await search({
      names: ['web'],
      what: { kind: 'text', text: 'gOOD' },
      caseSensitive: false,
    });
    expect(loose.found[0]?.hits).toEqual([0, 2, 4, 6]);
    const regex = await search({ names: ['web'], what: { kind: 'regex', pattern: '^row [56].*(d)$' } });
    expect(regex.found[0]?.lines.map(({ text }) => text)).toEqual(['row 5 is bad', 'row 6 is Good']);
    expect((await search({ streams: 'stderr', what: { kind: 'text', text: 'row' } })).found).toEqual([]);
    await logs.close();
  },
);

test('lines around each are given once, by time and within a limit, and the next page goes on', async () => {
  const { print, search, logs } = setUp();
  for (let index = 0; index < 50; index += 1) print('web', `row ${index}\n`, 1000 * index);
  const what = { kind: 'regex', pattern: 'row \\d*[05]$' };
  const one = await search({ names: ['web'], what, context: 1, limit: 3 });
  expect(one.found[0]?.hits).toEqual([35, 40, 45]);
  expect(one.found[0]?.lines.map(({ number }) => number)).toEqual([34, 35, 36, 39, 40, 41, 44, 45, 46]);
  const epoch = one.found[0]?.extent.epoch;
  const number = one.found[0]?.next;
  const two = await search({ names: ['web'], what, limit: 3, after: { epoch, number } });
  expect(two.found[0]?.hits).toEqual([20, 25, 30]);
  const next = await search({ names: ['web'], what, limit: 1, newest: false, after: { epoch, number: 21 } });
  expect(next.found[0]).toMatchObject({ hits: [25], next: 30 });
  const timed = await search({
    names: ['web'],
    what,
    since: new Date(10_000).toISOString(),
    until: new Date(20_000).toISOString(),
  });
  expect(timed.found[0]).toMatchObject({ hits: [10, 15, 20], next: null });
  await logs.close();
});

test.each([true, false])(
  'what the gate holds back is neither shown nor found (ripgrep: %s)',
  async (ripgrep) => {
    const { print, search, read, logs } = setUp({ ripgrep });
    print('web', `user ann\npassword zebra-4711 end\n${KEY}\nafter\n`);
    const { lines } = await read({ name: 'web' });
    const texts = lines.map(({ text }) => text);
    expect(texts).toHaveLength(35);
    expect(texts.join('\n')).not.toMatch(/4711|keyline/);
    expect([texts[0], texts[1], texts.at(-1)]).toEqual(['user ann', 'password [gone] end', 'after']);
    for (const text of ['4711', 'zebra-4', 'keyline17']) {
      expect((await search({ what: { kind: 'text', text } })).found).toEqual([]);
    }
    expect((await search({ what: { kind: 'regex', pattern: 'password .* end' } })).found[0]?.hits).toEqual([
      1,
    ]);
    await logs.close();
  },
);

test('a pattern that is none is refused with words', async () => {
  const { print, search, logs } = setUp();
  print('web', 'x\n');
  await expect(search({ what: { kind: 'regex', pattern: '(' } })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await logs.close();
});

test('a pattern that is slow in other engines is not slow here', async () => {
  const { print, search, logs } = setUp();
  print('web', `${'a'.repeat(5000)}!\n`.repeat(20));
  const before = performance.now();
  const { found } = await search({ what: { kind: 'regex', pattern: '^(a+)+$' } });
  expect(found).toEqual([]);
  expect(performance.now() - before).toBeLessThan(3000);
  await logs.close();
});

test('who waits for lines hears of them when they come, and of nothing when the time is over', async () => {
  const { print, read, logs } = setUp();
  print('web', 'one\n');
  const { epoch, end } = await read({ name: 'web' });
  const answer = read({ name: 'web', from: -1, wait: { epoch, end, ms: 20_000 } });
  print('web', 'two\n');
  expect((await answer).lines.map(({ text }) => text)).toEqual(['two']);
  expect(await read({ name: 'web', wait: { epoch, end: end + 1, ms: 30 } })).toMatchObject({ end: 2 });
  await logs.close();
});

test('lines are read by time', async () => {
  const { print, read, logs } = setUp();
  for (let index = 0; index < 10; index += 1) print('web', `row ${index}\n`, 1000 * index);
  const { lines } = await read({ name: 'web', since: new Date(7000).toISOString() });
  expect(lines.map(({ text, at }) => [text, Date.parse(at)])).toEqual([
    ['row 7', 7000],
    ['row 8', 8000],
    ['row 9', 9000],
  ]);
  await logs.close();
});

test('long lines fill an answer, and the rest comes with the next ones: no hit is left out or given twice', async () => {
  const { print, search, logs } = setUp();
  for (let index = 0; index < 400; index += 1) print('web', `row ${index} ${'x'.repeat(7000)}\n`);
  for (const newest of [true, false]) {
    const seen: number[] = [];
    let after: object | undefined;
    let answers = 0;
    for (;;) {
      const what = { kind: 'text', text: 'row' };
      const [one] = (await search({ names: ['web'], what, newest, limit: 1000, ...(after && { after }) }))
        .found;
      answers += 1;
      seen.push(...(one?.hits ?? []));
      if (!one || one.next === null) break;
      after = { epoch: one.extent.epoch, number: one.next };
    }
    expect(answers).toBeGreaterThan(2);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, index) => index));
  }
  await logs.close();
});
