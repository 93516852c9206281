import fc from 'fast-check';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killedWhileWriting } from '../../testing/json-file-crash.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { updateJsonFile, type JsonObject } from './update-json-file.ts';

const add = (value: JsonObject): JsonObject => ({ ...value, signalbox: { token: 'private' } });

function file(text: string | Uint8Array, mode = 0o644): string {
  const path = join(temporaryFolder(), 'settings.json');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('what is not named stays, in its order and layout, and the file is private from then on', () => {
  const path = file('{\n    "b": [1, 2],\n    "a": {"x": null}\n}\n');
  expect(updateJsonFile(path, add)).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(
    '{\n    "b": [\n        1,\n        2\n    ],\n    "a": {\n        "x": null\n    },\n    "signalbox": {\n        "token": "private"\n    }\n}\n',
  );
  expect(modeOf(path)).toBe(0o600);
  expect(readdirSync(join(path, '..'))).toEqual(['settings.json']);
});

test('a file that is not there is made with its folder, and an empty one is filled', () => {
  const path = join(temporaryFolder(), 'deep', 'er', 'settings.json');
  updateJsonFile(path, add);
  expect(read(path)).toEqual({ signalbox: { token: 'private' } });
  expect([modeOf(path), modeOf(join(path, '..'))]).toEqual([0o600, 0o700]);
  const empty = file('\n');
  updateJsonFile(empty, add);
  expect(read(empty)).toEqual({ signalbox: { token: 'private' } });
});

test('where nothing is to change nothing is written', () => {
  const path = file('{"a":1}', 0o644);
  const before = statSync(path);
  expect(updateJsonFile(path, (value) => value)).toBe(false);
  expect(statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs, mode: before.mode });
});

test.each<[string, string | Uint8Array]>([
  ['a comment', '{\n  // mine\n  "a": 1\n}\n'],
  ['a block comment', '{ /* mine */ "a": 1 }'],
  ['a comma too many', '{"a": 1,}'],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['a name twice', '{"a": 1, "a": 2}'],
  ['a name twice further in', '{"a": {"b": [1], "b": [1]}}'],
  ['a number that is too large', '{"a": 12345678901234567890}'],
  ['a number that is too fine', '{"a": 0.12345678901234567891}'],
  ['a number without bounds', '{"a": 1e999}'],
  ['names that would be put in another order', '{"b": 1, "2": 1, "1": 1}'],
  ['a list', '[1]'],
  ['a word', '"text"'],
  ['half a file', '{"a": '],
  ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
])('a file with %s is left as it is', (_what, text) => {
  const path = file(text);
  expect(() => updateJsonFile(path, add)).toThrow(expect.objectContaining({ code: 'refused' }) as Error);
  expect(readFileSync(path)).toEqual(Buffer.from(text));
  expect(modeOf(path)).toBe(0o644);
});

test('links, folders and files with a second name are left alone', () => {
  const path = file('{"a":1}');
  const link = `${path}.link`;
  symlinkSync(path, link);
  const dangling = `${path}.dangling`;
  symlinkSync('/no/such/file', dangling);
  const folder = `${path}.d`;
  mkdirSync(folder);
  for (const target of [link, dangling, folder]) {
    expect(() => updateJsonFile(target, add)).toThrow(expect.objectContaining({ code: 'refused' }) as Error);
  }
  linkSync(path, `${path}.second`);
  expect(() => updateJsonFile(path, add)).toThrow(/second name/);
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}');
  expect(existsSync('/no/such/file')).toBe(false);
});

test('what its own program writes meanwhile is not undone', () => {
  const path = file('{"a":1}');
  const racing = (value: JsonObject): JsonObject => {
    writeFileSync(path, '{"a":2}');
    return add(value);
  };
  expect(() => updateJsonFile(path, racing)).toThrow(expect.objectContaining({ code: 'conflict' }) as Error);
  expect(readFileSync(path, 'utf8')).toBe('{"a":2}');
});

test('a file of more than 1 MiB is refused, before and after the change', () => {
  const large = file(JSON.stringify({ a: 'x'.repeat(1_100_000) }));
  expect(() => updateJsonFile(large, add)).toThrow(expect.objectContaining({ code: 'too_large' }) as Error);
  const small = file('{}');
  const grow = (): JsonObject => ({ a: 'x'.repeat(1_100_000) });
  expect(() => updateJsonFile(small, grow)).toThrow(expect.objectContaining({ code: 'too_large' }) as Error);
});

test('whatever settings hold, a change and its undoing give the same file back', () => {
  const path = file('{}');
  const undo = ({ signalbox: _gone, ...rest }: JsonObject): JsonObject => rest;
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ noUnicodeString: false })),
      fc.constantFrom(0, 2, 4, '\t'),
      (settings, indent) => {
        fc.pre(!('signalbox' in settings));
        const text = JSON.stringify(settings, null, indent);
        writeFileSync(path, text);
        updateJsonFile(path, add);
        expect(read(path)).toEqual({ ...(JSON.parse(text) as object), signalbox: { token: 'private' } });
        updateJsonFile(path, undo);
        expect(read(path)).toEqual(JSON.parse(text));
      },
    ),
    { numRuns: 60 },
  );
});

test('a program that is killed while it writes leaves the old file or the new one, whole', async () => {
  const rounds = 6;
  const whole = await killedWhileWriting(rounds);
  process.stdout.write(`settings of an agent, killed while written: ${whole} of ${rounds} whole\n`);
  expect(whole).toBe(rounds);
});
