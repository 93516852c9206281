import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessDefinition, type ManagedProcess } from '../contract/supervisor.ts';
import { mcpCaller, ownerCaller } from './kernel/caller.ts';
import { realClock } from './services/supervisor/fakes.ts';
import { createLogSink } from './services/supervisor/logs/log-sink.ts';
import { createLogs } from './services/supervisor/logs/logs.ts';
import { codeOf, testBridge, type TestBridge } from './services/bridge/fakes.ts';
import { tools } from './services/bridge/tool-table.ts';

const reader = mcpCaller('reader', 'read', null);
const owner = ownerCaller('desktop');
const GITHUB = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
const start = Date.parse('2026-01-01T00:00:00.000Z');
const minute = (count: number) => new Date(start + count * 60_000).toISOString();

let bridge: TestBridge;
let logs: ReturnType<typeof createLogs>;

function managed(name: string, cwd: string): ManagedProcess {
  const definition = ProcessDefinition.parse({ name, argv: ['npm', 'run', 'dev'], cwd });
  return {
    ...{ id: name, name, definition, restarts: 0, project: null, isolation: 'none' },
    ...{ state: 'running', pid: 42, startedAt: minute(0) },
  };
}

/** The real logs of the host, of processes that print what a test says. */
beforeEach(() => {
  bridge = testBridge();
  bridge.processes = [
    managed('web', bridge.folder),
    managed('api', bridge.folder),
    managed('private', bridge.outside),
  ];
  logs = createLogs({
    ...{
      logsDir: join(bridge.outside, 'logs'),
      clock: realClock,
      newEpoch: () => 'e',
      ripgrepPath: () => rgPath,
    },
    part: (text, from, to) => text.slice(from, to),
    names: () => bridge.processes.map(({ name }) => name),
  });
  bridge.logs = {
    readLines: async (input) => logs.handlers['supervisor.readLines'](input, owner),
    searchLogs: async (input) => logs.handlers['supervisor.searchLogs'](input, owner),
  };
});
afterEach(async () => {
  await logs.close();
  await bridge.close();
});

/** Each line a minute later than the one before. @param maxBytes where a file is set aside */
function print(
  name: string,
  lines: readonly string[],
  stream: 'stdout' | 'stderr' = 'stdout',
  maxBytes = 1e6,
) {
  const sink = createLogSink(join(bridge.outside, 'logs', name), maxBytes);
  for (const [index, line] of lines.entries())
    sink.append(stream, Buffer.from(`${line}\n`), start + index * 60_000);
  sink.close();
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const render = (name: string, value: unknown) => tools.find((tool) => tool.name === name)?.render(value);

test('a client reads the last lines with time, stream and number, or those from a number or a time on', async () => {
  print('web', rows(300));
  const last = await bridge.ok(reader, 'bridge.processLog', { name: 'web', count: 2, from: -2 });
  expect(last).toMatchObject({ state: 'running', first: 0, end: 300 });
  expect(last.lines).toEqual([
    { number: 298, at: minute(298), stream: 'stdout', text: 'row 298' },
    { number: 299, at: minute(299), stream: 'stdout', text: 'row 299' },
  ]);
  const middle = await bridge.ok(reader, 'bridge.processLog', { name: 'web', from: 10, count: 3 });
  expect(middle.lines.map(({ text }) => text)).toEqual(['row 10', 'row 11', 'row 12']);
  const since = await bridge.ok(reader, 'bridge.processLog', { name: 'web', since: minute(290), count: 1 });
  expect(since.lines.map(({ number }) => number)).toEqual([290]);
  expect((await bridge.ok(reader, 'bridge.processLog', { name: 'web' })).lines).toHaveLength(100);
  expect(render('process_log', last)).toBe(
    `web: running, lines 0 to 299 are kept\n298  ${minute(298)} row 298\n299  ${minute(299)} row 299`,
  );
});

test('a client searches all processes of its workspace and no others, rotated files too', async () => {
  print('web', [...rows(40), 'Error: no disk', ...rows(40)], 'stdout', 200);
  print('api', ['error: late'], 'stderr');
  print('private', ['error: hidden']);
  const search = (input: object) =>
    bridge.ok(reader, 'bridge.searchProcessLogs', { query: 'Error', ...input });
  const found = await search({ caseSensitive: false, context: 1 });
  expect(
    found.found.map(({ name, lines, more }) => [name, lines.map(({ text, hit }) => [text, hit]), more]),
  ).toEqual([
    [
      'web',
      [
        ['row 39', false],
        ['Error: no disk', true],
        ['row 0', false],
      ],
      false,
    ],
    ['api', [['error: late', true]], false],
  ]);
  expect((await search({})).found.map(({ name }) => name)).toEqual(['web']);
  expect((await search({ query: '^error: l.te$', regex: true })).found).toMatchObject([
    { name: 'api', lines: [{ stream: 'stderr' }] },
  ]);
  expect((await search({ since: minute(41) })).found).toEqual([]);
  const many = await search({ query: 'row', names: ['web'], limit: 3 });
  expect(many.found[0]).toMatchObject({ more: true });
  expect(many.found[0]?.lines.map(({ text }) => text)).toEqual(['row 37', 'row 38', 'row 39']);
  const text = render('search_process_logs', many);
  expect(text).toContain('older matches exist');
  expect(text).toContain('row 39');
  const hidden = await bridge.call(reader, 'bridge.searchProcessLogs', { query: 'x', names: ['private'] });
  expect(codeOf(hidden)).toBe('not_found');
  const wrong = await bridge.call(reader, 'bridge.searchProcessLogs', { query: '(', regex: true });
  expect(codeOf(wrong)).toBe('invalid_input');
});

test('secrets are replaced, and no search tells what was replaced', async () => {
  print('web', ['starting', `token ${GITHUB}`, 'ready']);
  const log = await bridge.ok(reader, 'bridge.processLog', { name: 'web' });
  expect(JSON.stringify(log)).not.toContain(GITHUB);
  expect(log.lines[1]?.text).toMatch(/^token \[REDACTED /);
  const search = async (query: string, more = {}) =>
    (await bridge.ok(reader, 'bridge.searchProcessLogs', { query, ...more })).found;
  expect(await search(GITHUB.slice(0, 20))).toEqual([]);
  expect(await search('ghp_a1B2.*', { regex: true })).toEqual([]);
  expect(await search('token')).toMatchObject([{ lines: [{ number: 1, hit: true }] }]);
  expect(JSON.stringify(await search('starting', { context: 2 }))).not.toContain(GITHUB);
});

test('an answer has an end, and keeps what was asked for first', async () => {
  print(
    'web',
    Array.from({ length: 400 }, (_, index) => `${index} ${'x'.repeat(5000)}`),
  );
  const last = await bridge.ok(reader, 'bridge.processLog', { name: 'web', from: -400, count: 400 });
  expect(last.lines.at(-1)).toMatchObject({ number: 399, cut: true });
  expect(JSON.stringify(last).length).toBeLessThan(160_000);
  const first = await bridge.ok(reader, 'bridge.processLog', { name: 'web', from: 0, count: 400 });
  expect(first.lines[0]).toMatchObject({ number: 0, cut: true });
  const found = await bridge.ok(reader, 'bridge.searchProcessLogs', { query: 'xxx', limit: 200 });
  expect(found.found[0]).toMatchObject({ more: true });
  expect(found.found[0]?.lines.at(-1)?.number).toBe(399);
  expect(JSON.stringify(found).length).toBeLessThan(160_000);
});
