import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProcessDefinition } from '../../../../contract/supervisor.ts';
import { argvOf, lineOf } from '../argv-line.ts';
import { draftOf } from './draft-of.ts';
import type { ProcessDraft } from './draft.ts';
import { readDraft } from './read-draft.ts';

/** Any text that the contract takes: line breaks, quotes, control characters, what the form itself writes. */
const text = (minLength: number, maxLength: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.string({ minLength, maxLength, unit: 'binary' }) },
    fc
      .array(fc.constantFrom('"', "'", ' ', '\n', '\r', '\t', '\0', '=', '$', 'a', '\u00a0', '\u202e'), {
        ...{ minLength, maxLength },
      })
      .map((letters) => letters.join('')),
    fc.constantFrom('(not shown)', 'two\nlines', ' spaces ', `it's "so"`, '--flag=a b', '-'),
  );
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const ms = (min: number, max: number) => fc.integer({ min, max });
const port = fc.integer({ min: 1, max: 65_535 });
const argv = fc.array(text(0, 12), { minLength: 1, maxLength: 6 });
const status = fc
  .tuple(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 100, max: 599 }))
  .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]));
const url = fc.oneof(
  fc.webUrl({ validSchemes: ['http', 'https'] }),
  fc.constantFrom('http://127.0.0.1:3000/health?a=b c', 'HTTPS://[::1]:8443/', 'http://u:p@a/'),
);
const tcp = fc.record({ kind: fc.constant('tcp' as const), port });
const http = fc.oneof(
  fc.record({ kind: fc.constant('http' as const), url }),
  fc.record({ kind: fc.constant('http' as const), url, status }),
);
const ask = fc.record({ kind: fc.constant('command' as const), argv });
const texts = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: text(1, 20) }),
  fc.record({ kind: fc.constant('regex' as const), pattern: text(1, 20) }),
);
const globs = (minLength: number) => fc.array(text(1, 12), { minLength, maxLength: 4 });

/** The others are there or not. */
const ALWAYS = [
  ...(['name', 'argv', 'cwd', 'env', 'inheritEnv', 'restart', 'ready', 'readyTimeoutMs', 'port'] as const),
  ...(['dependsOn', 'health', 'watch', 'stopGraceMs', 'isolation'] as const),
];
const definition: fc.Arbitrary<ProcessDefinition> = fc
  .record(
    {
      ...{ name, argv, cwd: text(1, 20), inheritEnv: fc.boolean() },
      env: fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), text(0, 20), { maxKeys: 5 }),
      restart: fc.record({
        mode: fc.constantFrom('never', 'on-failure', 'always'),
        ...{ maxRestarts: ms(0, 1000), delayMs: ms(0, 600_000), healthyAfterMs: ms(1000, 3_600_000) },
      }),
      ready: fc.option(fc.oneof(texts, tcp, http, ask)),
      ...{ readyTimeoutMs: ms(100, 600_000), stopGraceMs: ms(0, 600_000) },
      ...{ port: fc.option(port), autoPort: fc.constant(true), pty: fc.constant(true) },
      dependsOn: fc.array(name, { maxLength: 4 }),
      health: fc.option(
        fc.record({
          ...{ check: fc.oneof(tcp, http, ask), intervalMs: ms(100, 3_600_000), timeoutMs: ms(50, 600_000) },
          ...{ failures: ms(1, 100), restart: fc.boolean() },
        }),
      ),
      watch: fc.option(fc.record({ paths: globs(1), ignore: globs(0), debounceMs: ms(50, 60_000) })),
      isolation: fc.constantFrom('none', 'sandbox'),
    },
    { noNullPrototype: true, requiredKeys: [...ALWAYS] },
  )
  // Whatever the host keeps has been through its schema.
  .map((made) => ProcessDefinition.parse(made));

test('property: a line of tokens reads as these tokens', () => {
  fc.assert(
    fc.property(argv, (tokens) => {
      expect(argvOf(lineOf(tokens))).toEqual(tokens);
    }),
    { numRuns: 5000 },
  );
});

test('property: a definition that was put into the form and not touched comes out as it was', () => {
  fc.assert(
    fc.property(definition, (known) => {
      expect(readDraft(draftOf(known))).toEqual({ input: known, faults: {} });
    }),
    { numRuns: 1500 },
  );
  process.stdout.write('process form: 1500 definitions in and out of the form, none of them changed\n');
});

test('property: a field that is touched changes what it is for, and nothing else', () => {
  const changes: readonly [
    Partial<ProcessDraft>,
    (known: ProcessDefinition) => Partial<ProcessDefinition>,
  ][] = [
    [{ command: 'node "a b"' }, () => ({ argv: ['node', 'a b'] })],
    [{ cwd: '/somewhere' }, () => ({ cwd: '/somewhere' })],
    [{ inheritEnv: true }, () => ({ inheritEnv: true })],
    [{ readyTimeout: '90' }, ({ ready }) => ({ readyTimeoutMs: ready ? 90_000 : 30_000 })],
    [{ stopGrace: '0.25' }, () => ({ stopGraceMs: 250 })],
    [{ dependsOn: 'the-other, one' }, () => ({ dependsOn: ['the-other', 'one'] })],
    [{ sandbox: true }, () => ({ isolation: 'sandbox' })],
    [{ restart: 'always' }, ({ restart }) => ({ restart: { ...restart, mode: 'always' } })],
    [
      { restart: 'on-failure', maxRestarts: '7' },
      ({ restart }) => ({ restart: { ...restart, mode: 'on-failure', maxRestarts: 7 } }),
    ],
  ];
  fc.assert(
    fc.property(definition, fc.constantFrom(...changes), (known, [typed, expected]) => {
      const { input, faults } = readDraft({ ...draftOf(known), ...typed });
      expect(faults).toEqual({});
      expect(ProcessDefinition.parse(input)).toEqual({ ...known, ...expected(known) });
    }),
    { numRuns: 1500 },
  );
});

const least = ProcessDefinition.parse({ name: 'web', argv: ['npm', 'start'], cwd: '/x' });

test('numbers beside one that is touched stay', () => {
  const known = ProcessDefinition.parse({
    ...least,
    health: { check: { kind: 'http', url: 'http://a/', status: [200, 204] }, intervalMs: 250, timeoutMs: 75 },
    watch: { paths: ['src/**', '*.ts'], ignore: ['tmp/**'], debounceMs: 1234 },
  });
  const { input } = readDraft({ ...draftOf(known), healthFailures: '9', ignore: '' });
  expect(ProcessDefinition.parse(input)).toEqual({
    ...known,
    health: { ...known.health, failures: 9 },
    watch: { ...known.watch, ignore: [] },
  });
});

test('the values of variables are not in the form; they stay, go with their line, and change when they are written', () => {
  const known = ProcessDefinition.parse({
    ...least,
    env: { TOKEN: 'hunter2', KEY: '-----BEGIN\nEND', LEVEL: 'info', GONE: 'x' },
  });
  const draft = draftOf(known);
  const { known: _kept, ...fields } = draft;
  expect(JSON.stringify(fields)).not.toMatch(/hunter2|BEGIN|info/);
  expect(draft.env.split('\n')).toEqual([
    'TOKEN=(not shown)',
    'KEY=(not shown)',
    'LEVEL=(not shown)',
    'GONE=(not shown)',
  ]);
  const env = 'TOKEN=(not shown)\nKEY=(not shown)\nLEVEL=debug\nNEW=a = b';
  expect(readDraft({ ...draft, env })).toEqual({
    input: { ...known, env: { TOKEN: 'hunter2', KEY: '-----BEGIN\nEND', LEVEL: 'debug', NEW: 'a = b' } },
    faults: {},
  });
  const unknown = readDraft({ ...draft, env: 'TOKEN2=(not shown)' });
  expect(unknown.faults.env?.text).toContain('TOKEN2');
});

test('a port that the host chose stays its choice until one is typed', () => {
  const known = ProcessDefinition.parse({ ...least, port: 4001, autoPort: true });
  expect(readDraft(draftOf(known)).input).toMatchObject({ port: 4001, autoPort: true });
  const fixed = readDraft({ ...draftOf(known), port: '8080' }).input;
  expect(fixed).toMatchObject({ port: 8080 });
  expect(fixed.autoPort).toBeUndefined();
});

test('a terminal and a check that are taken away are gone', () => {
  const known = ProcessDefinition.parse({ ...least, pty: true, ready: { kind: 'text', text: 'up' } });
  const draft = draftOf(known);
  const { input } = readDraft({ ...draft, pty: false, ready: { ...draft.ready, kind: 'none' } });
  expect(ProcessDefinition.parse(input)).toEqual(least);
});

test('what is typed anew is judged as ever, and what stood there is not', () => {
  const known = ProcessDefinition.parse({ ...least, cwd: ' ', ready: { kind: 'regex', pattern: '(' } });
  const draft = draftOf(known);
  expect(readDraft(draft).faults).toEqual({});
  expect(Object.keys(readDraft({ ...draft, cwd: '  ', port: '0' }).faults).sort()).toEqual(['cwd', 'port']);
});
