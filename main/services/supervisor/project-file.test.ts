import { expect, test } from 'vitest';
import { parseProjectFile } from './project-file.ts';

const env = { NAME: 'value', EMPTY: '', SIGNALBOX_TOKEN: 'own' };
const parse = (text: string) => parseProjectFile(text, '/work/signalbox.yaml', env);
const problem = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'none';
};
const one = (entry: string) => parse(`processes:\n  web: ${entry}\n`)[0]!;

test('a file of agent-procs is understood as it is, and what has no effect is said', () => {
  const [web, api] = parse(`
session: demo
proxy: true
proxy_port: 9095
processes:
  web:
    cmd: npm run dev
    cwd: ./web
    env: { PORT_OFFSET: 1 }
    ready: "listening on"
    port: 3000
    depends_on: [api]
    autorestart: on-failure
    max_restarts: 3
    restart_delay: 500
    watch: ["src/**"]
    watch_ignore: ["*.log"]
  api:
    cmd: ./api
`);
  expect(web!.definition).toMatchObject({
    name: 'web',
    argv: ['/bin/sh', '-c', 'npm run dev'],
    cwd: '/work/web',
    env: { PORT_OFFSET: '1' },
    ready: { kind: 'text', text: 'listening on' },
    port: 3000,
    dependsOn: ['api'],
    restart: { mode: 'on-failure', maxRestarts: 3, delayMs: 500 },
  });
  expect(web!.notices).toHaveLength(2);
  expect(web!.definition.watch).toEqual({ paths: ['src/**'], ignore: ['*.log'], debounceMs: 500 });
  expect(api!.definition.cwd).toBe('/work');
  // With the proxy on, a process without a port is given one.
  expect([web!.definition.autoPort, api!.definition.autoPort]).toEqual([undefined, true]);
});

test.each([
  ['{ text: up }', { kind: 'text', text: 'up' }],
  ['{ regex: "^up$" }', { kind: 'regex', pattern: '^up$' }],
  ['{ tcp: 80 }', { kind: 'tcp', port: 80 }],
  ['{ http: "http://127.0.0.1:80/" }', { kind: 'http', url: 'http://127.0.0.1:80/' }],
  ['{ http: "http://a/", status: 204 }', { kind: 'http', url: 'http://a/', status: [204, 204] }],
  ['{ http: "http://a/", status: [200, 299] }', { kind: 'http', url: 'http://a/', status: [200, 299] }],
  ['{ command: "test -e x" }', { kind: 'command', argv: ['/bin/sh', '-c', 'test -e x'] }],
  ['{ command: [check, "${NAME}"] }', { kind: 'command', argv: ['check', 'value'] }],
])('ready takes %s', (ready, expected) => {
  expect(one(`{ cmd: x, ready: ${ready} }`).definition.ready).toEqual(expected);
});

test('variables are put into lists, folders and values, and left to the shell in a shell line', () => {
  const {
    argv,
    cwd,
    env: own,
  } = one(
    `{ cmd: [run, '\${NAME}', '$$x', '\${GONE:-b}'], cwd: 'a/\${NAME}', env: { X: '\${EMPTY:-d}' } }`,
  ).definition;
  expect({ argv, cwd, own }).toEqual({
    argv: ['run', 'value', '$x', 'b'],
    cwd: '/work/a/value',
    own: { X: 'd' },
  });
  const line = one(`{ cmd: 'echo "\${NAME}" $SIGNALBOX_TOKEN $GONE' }`).definition;
  expect(line.argv[2]).toBe('echo "${NAME}" $SIGNALBOX_TOKEN $GONE');
  expect(line.env).toEqual({ NAME: 'value' });
});

test.each([
  [
    'processes:\n  web:\n    cmd: x\n    prot: 1\n',
    '/work/signalbox.yaml:4:5: processes.web: unknown key "prot"',
  ],
  [
    'processes:\n  web:\n    cmd: x\n    port: high\n',
    /^\/work\/signalbox\.yaml:4:5: processes\.web\.port: /,
  ],
  [
    'processes:\n  web:\n    cmd: [x, "${GONE}"]\n',
    /:3:5: processes\.web\.cmd: the variable GONE is not set/,
  ],
  ['processes:\n  web: { cmd: x }\n  web: { cmd: y }\n', /:3:3: .*unique/],
  [
    'processes:\n  a: { cmd: x, depends_on: [b] }\n  b: { cmd: x, depends_on: [a] }\n',
    /:2:16: .*cycle: a -> b -> a/,
  ],
  ['processes:\n  a:\n    cmd: x\n    depends_on: [c]\n', /:4:5: a depends on c, which is not in the file/],
  ['processes:\n  Web_1: { cmd: x }\n', /:2:12: .*"Web_1" is no process name/],
  ['processes: [', /^\/work\/signalbox\.yaml:1:\d+: /],
  ['', /processes/],
])('the error for %j names the line and the key', (text, message) => {
  expect(problem(text)).toMatch(message);
});

test.each([
  [
    'an unknown key',
    'processes:\n  web: { cmd: x,\n    prot: 1 }\n',
    '3:5',
    'processes.web: unknown key "prot"',
  ],
  [
    'an unknown key of the file',
    'processes:\n  web: { cmd: x }\nproces: 1\n',
    '3:1',
    'file: unknown key "proces"',
  ],
  [
    'a missing variable of a value',
    'processes:\n  web:\n    cmd: x\n    env:\n      URL: "http://${GONE}/"\n',
    ...(['5:7', 'processes.web.env.URL: the variable GONE is not set'] as const),
  ],
  [
    'a missing variable of a folder',
    'processes:\n  web:\n    cmd: x\n    cwd: ./${GONE}\n',
    ...(['4:5', 'processes.web.cwd: the variable GONE is not set'] as const),
  ],
  [
    'a missing variable of a sign of readiness',
    'processes:\n  web:\n    cmd: x\n    ready: up on ${GONE}\n',
    ...(['4:5', 'processes.web.ready: the variable GONE is not set'] as const),
  ],
  [
    'a cycle of three that a fourth leads into',
    `processes:
  in: { cmd: x, depends_on: [a] }
  a: { cmd: x, depends_on: [b] }
  b: { cmd: x, depends_on: [c] }
  c: { cmd: x, depends_on: [a] }
`,
    ...(['3:16', 'the dependencies form a cycle: a -> b -> c -> a'] as const),
  ],
  [
    'a process that needs itself',
    'processes:\n  a:\n    cmd: x\n    depends_on: [a]\n',
    ...(['4:5', 'the dependencies form a cycle: a -> a'] as const),
  ],
  [
    'a process that is there twice',
    'processes:\n  web: { cmd: x }\n  web: { cmd: y }\n',
    '3:3',
    'Map keys must be',
  ],
  [
    'a key that is there twice',
    'processes:\n  web:\n    cmd: x\n    cmd: y\n',
    '4:5',
    'Map keys must be unique',
  ],
])('%s is refused with file, line and column', (_what, text, place, what) => {
  expect(problem(text)).toContain(`/work/signalbox.yaml:${place}: ${what}`);
});

test('all that is wrong is told at once, each with its place', () => {
  const text = 'processes:\n  a: { cmd: [x, "${GONE}"] }\n  b:\n    cmd: y\n    cwd: ${LOST}\n';
  expect(problem(text).split('\n')).toEqual([
    expect.stringMatching(/^\/work\/signalbox\.yaml:2:8: processes\.a\.cmd: the variable GONE/),
    expect.stringMatching(/^\/work\/signalbox\.yaml:5:5: processes\.b\.cwd: the variable LOST/),
  ]);
});

test('a bomb of aliases is refused', () => {
  const lines = [
    'a0: &a0 [x,x,x,x,x,x,x,x,x]',
    ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]`),
  ];
  expect(problem(lines.join('\n'))).toMatch(/alias/i);
});

test('health, grace, isolation and the length of a healthy run are understood', () => {
  const { definition } = one(
    '{ cmd: x, health: { http: "http://a/", interval_ms: 500, failures: 2, restart: true }, stop_grace_ms: 100,' +
      ' isolation: sandbox, healthy_after_ms: 5000, watch: ["*.ts"], watch_debounce_ms: 100 }',
  );
  expect(definition).toMatchObject({
    health: {
      check: { kind: 'http', url: 'http://a/' },
      ...{ intervalMs: 500, timeoutMs: 3000, failures: 2, restart: true },
    },
    stopGraceMs: 100,
    isolation: 'sandbox',
    restart: { healthyAfterMs: 5000 },
    watch: { paths: ['*.ts'], ignore: [], debounceMs: 100 },
  });
});

test('a question about health with two ways to ask is refused', () => {
  expect(problem('processes:\n  web: { cmd: x, health: { tcp: 1, http: "http://a/" } }\n')).toMatch(
    /:2:18: processes\.web\.health: one of/,
  );
});
