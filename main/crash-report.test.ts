import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCrashReports, watchCrashes } from './crash-report.ts';
import { createOutbound } from './guard/outbound.ts';
import { temporaryFolder } from './testing/temporary.ts';

const SECRET = 'opensesame-4711-crossing';
const outbound = createOutbound({ hmacKey: new Uint8Array(32), exactSecrets: [SECRET] });

function setUp(folder = join(temporaryFolder(), 'logs')) {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const reports = createCrashReports({
    folder,
    sanitize: (text) => outbound.text('crash', text).text,
    now: () => (now += 1000),
    facts: { version: '1.2.3' },
  });
  return { folder, reports };
}

test('a crash report holds the error and its causes, without secrets, for the owner alone', () => {
  const { reports } = setUp();
  const cause = new Error(`password ${SECRET} was refused`);
  const file = reports.write(new Error('it broke', { cause }), 'uncaught exception');
  const text = readFileSync(file ?? '', 'utf8');
  expect(text).toMatch(/^at: 2026-01-01T00:00:01\.000Z\norigin: uncaught exception\nversion: 1\.2\.3\n/);
  expect(text).toMatch(
    /it broke[^]*caused by: [^]*password \[REDACTED known-secret #[0-9a-f]{8}\] was refused/,
  );
  expect(text).not.toContain(SECRET);
  expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
});

test('only the ten newest are kept, and nothing else in the folder is touched', () => {
  const { folder, reports } = setUp();
  reports.write('first', 'x');
  writeFileSync(join(folder, 'host.log'), 'log');
  for (let index = 0; index < 14; index += 1) reports.write(`number ${index}`, 'x');
  const names = readdirSync(folder).filter((name) => name.startsWith('crash-'));
  expect(names).toHaveLength(10);
  expect(readFileSync(join(folder, names.sort()[0] ?? ''), 'utf8')).toContain('number 4');
  expect(readdirSync(folder)).toContain('host.log');
});

test('a report that cannot be written is no second crash', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(setUp(file).reports.write('x', 'y')).toBeNull();
});

test('what nobody caught is written down once, said, and ends the host', () => {
  const { folder, reports } = setUp();
  const before = process.listeners('uncaughtException');
  const said: string[] = [];
  const codes: number[] = [];
  const stop = watchCrashes(reports, {
    say: (text) => void said.push(text),
    exit: (code) => void codes.push(code),
    endsOnRejection: true,
  });
  const added = process.listeners('uncaughtException').filter((listener) => !before.includes(listener));
  expect(added).toHaveLength(1);
  added[0]?.(new Error(`no ${SECRET}`), 'uncaughtException');
  stop();
  expect(codes).toEqual([1]);
  expect(said.join('')).toContain(folder);
  expect(said.join('')).not.toContain(SECRET);
  expect(process.listeners('uncaughtException')).toEqual(before);
});
