import { expect, test } from 'vitest';
import { ProcessDefinition } from '../../contract/supervisor.ts';
import { definitionOf, type RunOptions } from './run-definition.ts';

const of = (options: RunOptions, argv: string[] = ['npm', 'start']) =>
  definitionOf('web', argv, { cwd: '/work', ...options }, { TOKEN: 'from here' });

test('a command runs as it stands, a line in the shell', () => {
  expect(of({})).toEqual({ name: 'web', argv: ['npm', 'start'], cwd: '/work', env: {} });
  expect(of({ shell: 'npm start | tee x' }, []).argv).toEqual(['/bin/sh', '-c', 'npm start | tee x']);
});

test('every option reaches the definition, and the host takes it', () => {
  const definition = of({
    ...{ env: ['A=1=2', 'TOKEN'], inheritEnv: true, sandbox: true, port: '3000' },
    ...{ readyHttp: 'http://127.0.0.1:3000/', readyStatus: '200-204', readyTimeout: '5s' },
    ...{ healthTcp: '3000', healthEvery: '2s', healthRestart: true },
    ...{ maxRestarts: '3', restartDelay: '200', stopGrace: '1s' },
    ...{ watch: ['src/**'], watchIgnore: ['*.log'] },
  });
  expect(ProcessDefinition.parse(definition)).toMatchObject({
    env: { A: '1=2', TOKEN: 'from here' },
    inheritEnv: true,
    isolation: 'sandbox',
    ready: { kind: 'http', status: [200, 204] },
    readyTimeoutMs: 5000,
    health: { check: { kind: 'tcp', port: 3000 }, intervalMs: 2000, restart: true },
    restart: { mode: 'on-failure', maxRestarts: 3, delayMs: 200 },
    watch: { paths: ['src/**'], ignore: ['*.log'] },
    stopGraceMs: 1000,
  });
});

test.each<[RunOptions, RegExp]>([
  [{ shell: 'x' }, /say what to run, one way/],
  [{ ready: 'a', readyTcp: '1' }, /one sign of being ready/],
  [{ readyStatus: '200' }, /needs a --ready-http/],
  [{ readyHttp: 'http://a/', readyStatus: '200-x' }, /--ready-status/],
  [{ healthEvery: '1s' }, /say what to ask/],
  [{ healthTcp: '1', healthHttp: 'http://a/' }, /one question/],
  [{ watchIgnore: ['x'] }, /needs a --watch/],
  [{ env: ['GONE'] }, /--env takes NAME=VALUE/],
  [{ env: ['=secret'] }, /^(?!.*secret)/],
  [{ port: '0' }, /--port/],
])('%j is refused with what would be right', (options, message) => {
  expect(() => of(options)).toThrow(message);
});
