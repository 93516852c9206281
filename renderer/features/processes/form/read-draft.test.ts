import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../../contract/commands.ts';
import { emptyDraft, HOST_CHOICES, type ProcessDraft } from './draft.ts';
import { hasFoldedFault } from './faults.ts';
import { readDraft } from './read-draft.ts';

const schema = commands['supervisor.run'].input;
const empty = emptyDraft('/home/mira/orchard');
const least: ProcessDraft = { ...empty, name: 'web', command: 'npm run dev' };
const read = (part: Partial<ProcessDraft>) => readDraft({ ...least, ...part });
const asked = (part: Partial<ProcessDraft>) => schema.parse(read(part).input);
const NO_CHECK = { kind: 'none', text: '', port: '', url: '', status: '', command: '' } as const;

describe('what the form asks the host for', () => {
  test('the least is a name, a command and a folder; the host chooses the rest, as the form says it does', () => {
    const host = asked({});
    expect(host).toMatchObject({ name: 'web', argv: ['npm', 'run', 'dev'], cwd: '/home/mira/orchard' });
    expect(host).toMatchObject({ ready: null, health: null, watch: null, env: {}, inheritEnv: false });
    expect(host.pty).toBeUndefined();
    const health = asked({ health: { ...NO_CHECK, kind: 'tcp', port: '1' }, watch: '*' });
    const inSeconds = (ms: number | undefined) => String((ms ?? Number.NaN) / 1000);
    expect({
      maxRestarts: String(host.restart.maxRestarts),
      delay: inSeconds(host.restart.delayMs),
      healthyAfter: inSeconds(host.restart.healthyAfterMs),
      readyTimeout: inSeconds(host.readyTimeoutMs),
      healthInterval: inSeconds(health.health?.intervalMs),
      healthTimeout: inSeconds(health.health?.timeoutMs),
      healthFailures: String(health.health?.failures),
      debounce: inSeconds(health.watch?.debounceMs),
      stopGrace: inSeconds(host.stopGraceMs),
    }).toEqual(HOST_CHOICES);
  });

  test.each([
    [
      { kind: 'text', text: ' listening ' },
      { kind: 'text', text: ' listening ' },
    ],
    [
      { kind: 'regex', text: 'up \\d+' },
      { kind: 'regex', pattern: 'up \\d+' },
    ],
    [
      { kind: 'tcp', port: '5173' },
      { kind: 'tcp', port: 5173 },
    ],
    [
      { kind: 'http', url: 'http://127.0.0.1:1/up', status: '200-204' },
      { kind: 'http', url: 'http://127.0.0.1:1/up', status: [200, 204] },
    ],
    [
      { kind: 'command', command: 'curl -f "a b"' },
      { kind: 'command', argv: ['curl', '-f', 'a b'] },
    ],
  ] as const)('readiness by %o', (typed, wanted) => {
    const { ready, readyTimeoutMs } = asked({ ready: { ...NO_CHECK, ...typed }, readyTimeout: '1.5' });
    expect(ready).toEqual(wanted);
    expect(readyTimeoutMs).toBe(1500);
  });

  test('health, restarts, watching, environment and the rest arrive as they were typed', () => {
    const host = asked({
      ...{ restart: 'always', maxRestarts: '3', delay: '0.25', healthyAfter: '10', pty: true, port: '80' },
      health: { ...NO_CHECK, kind: 'http', url: 'https://x.test/', status: '204' },
      ...{ healthInterval: '5', healthTimeout: '1', healthFailures: '2', healthRestart: true },
      ...{ watch: 'src/**\n\n *.ts \n', ignore: 'tmp/**', debounce: '1' },
      ...{ env: 'A=1\nB_2= with "quotes" =\n', inheritEnv: true, dependsOn: 'db, cache db' },
      ...{ sandbox: true, stopGrace: '0' },
    });
    expect(host).toMatchObject({
      restart: { mode: 'always', maxRestarts: 3, delayMs: 250, healthyAfterMs: 10_000 },
      ...{ port: 80, pty: true, isolation: 'sandbox', stopGraceMs: 0 },
      health: {
        check: { kind: 'http', url: 'https://x.test/', status: [204, 204] },
        ...{ intervalMs: 5000, timeoutMs: 1000, failures: 2, restart: true },
      },
      watch: { paths: ['src/**', '*.ts'], ignore: ['tmp/**'], debounceMs: 1000 },
      ...{ env: { A: '1', B_2: ' with "quotes" =' }, inheritEnv: true, dependsOn: ['db', 'cache'] },
    });
  });

  test('what was typed for another kind of check, or for restarts that never happen, is not read', () => {
    const part = {
      restart: 'never',
      delay: 'x',
      maxRestarts: '-1',
      ready: { ...NO_CHECK, port: 'x' },
    } as const;
    expect(read(part).faults).toEqual({});
  });
});

describe('what is wrong stands at its field', () => {
  test.each([
    ['name', { name: 'Web' }],
    ['command', { command: 'echo "a' }],
    ['port', { port: '65536' }],
    ['port', { port: '1.5' }],
    ['maxRestarts', { maxRestarts: '1001' }],
    ['delay', { delay: '601' }],
    ['healthyAfter', { healthyAfter: '0.5' }],
    ['ready.text', { ready: { ...NO_CHECK, kind: 'regex', text: '(' } }],
    ['ready.port', { ready: { ...NO_CHECK, kind: 'tcp', port: '0' } }],
    ['ready.url', { ready: { ...NO_CHECK, kind: 'http', url: 'file:///etc/passwd' } }],
    ['ready.status', { ready: { ...NO_CHECK, kind: 'http', url: 'http://a', status: '300-200' } }],
    ['ready.command', { ready: { ...NO_CHECK, kind: 'command', command: "'" } }],
    ['readyTimeout', { ready: { ...NO_CHECK, kind: 'text', text: 'up' }, readyTimeout: '0' }],
    ['health.port', { health: { ...NO_CHECK, kind: 'tcp', port: 'http' } }],
    ['healthFailures', { health: { ...NO_CHECK, kind: 'tcp', port: '1' }, healthFailures: '0' }],
    ['watch', { watch: 'a\n'.repeat(65) }],
    ['debounce', { watch: '*', debounce: '61' }],
    ['env', { env: 'A=1\n2B=3' }],
    ['env', { env: 'no equals sign' }],
    ['env', { env: 'A=1\nA=2' }],
    ['dependsOn', { dependsOn: 'db Web!' }],
    ['dependsOn', { dependsOn: 'web' }],
    ['stopGrace', { stopGrace: 'soon' }],
  ] as const)('%s: %o', (field, part) => {
    const { faults } = read(part);
    expect(Object.keys(faults)).toEqual([field]);
    expect(faults[field]?.isMissing).toBe(false);
  });

  test('an empty field is missing, not wrong, and only those behind the fold open it', () => {
    const front = readDraft(emptyDraft(''));
    expect(Object.keys(front.faults).sort()).toEqual(['command', 'cwd', 'name']);
    expect(Object.values(front.faults).every((fault) => fault.isMissing)).toBe(true);
    expect(hasFoldedFault(front.faults)).toBe(false);
    const folded = read({ ready: { ...NO_CHECK, kind: 'text' } });
    expect(folded.faults['ready.text']?.isMissing).toBe(true);
    expect(hasFoldedFault(folded.faults)).toBe(true);
  });
});

test('property: whatever is typed, what the form finds nothing wrong with is taken by the schema of the host', () => {
  const number = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '1',
      '0.1',
      '10',
      '65535',
      '65536',
      ' 3 ',
      '-1',
      '1e3',
      'NaN',
      'Infinity',
      '0x10',
    ),
    fc.double({ min: 0, max: 5000, noNaN: true }).map(String),
    fc.string({ maxLength: 5 }),
  );
  const words = fc.oneof(
    fc.constantFrom('', ' ', 'npm start', 'a=b', 'src/**'),
    fc.string({ maxLength: 20 }),
  );
  const check = <K extends string>(...kinds: readonly K[]) =>
    fc.record({
      ...{ kind: fc.constantFrom(...kinds), text: words, port: number, command: words },
      url: fc.oneof(
        fc.constantFrom('http://127.0.0.1:80/', 'https://a', 'http://', 'ftp://a'),
        fc.webUrl(),
        words,
      ),
      status: fc.oneof(fc.constantFrom('', '200', '200-299', '299-200', '600'), number),
    });
  const draft: fc.Arbitrary<ProcessDraft> = fc.record({
    known: fc.constant(null),
    name: fc.oneof(fc.constantFrom('web', 'a-b', 'A', '-a'), words),
    ...{ command: fc.oneof(fc.constant('node x.mjs'), words), cwd: fc.oneof(fc.constant('/x'), words) },
    ...{ port: number, pty: fc.boolean(), restart: fc.constantFrom('never', 'on-failure', 'always') },
    ...{ maxRestarts: number, delay: number, healthyAfter: number },
    ready: check('none', 'text', 'regex', 'tcp', 'http', 'command'),
    health: check('none', 'tcp', 'http', 'command'),
    ...{ readyTimeout: number, healthInterval: number, healthTimeout: number, healthFailures: number },
    ...{ healthRestart: fc.boolean(), watch: words, ignore: words, debounce: number },
    env: fc.oneof(fc.constantFrom('', 'A=1\nB='), words),
    ...{ inheritEnv: fc.boolean(), sandbox: fc.boolean(), stopGrace: number },
    dependsOn: fc.oneof(fc.constantFrom('', 'db cache'), words),
  });
  let taken = 0;
  // Fields one at a time over a draft that is right, so that many of them have nothing wrong.
  const change = fc.tuple(draft, fc.subarray(Object.keys(empty) as (keyof ProcessDraft)[], { maxLength: 4 }));
  fc.assert(
    fc.property(change, ([all, keys]) => {
      const typed = { ...least, ...Object.fromEntries(keys.map((key) => [key, all[key]])) };
      const { input, faults } = readDraft(typed);
      if (Object.keys(faults).length > 0) return;
      taken += 1;
      const answer = schema.safeParse(input);
      expect(answer.error?.issues ?? []).toEqual([]);
    }),
    { numRuns: 5000 },
  );
  process.stdout.write(`process form: 5000 drafts, ${taken} taken, each of them by the host's schema\n`);
  expect(taken).toBeGreaterThan(500);
});
