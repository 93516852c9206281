import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { unzip } from './unzip.mjs';

interface Member {
  name: string;
  content: string;
  mode?: number;
  stored?: boolean;
}

const FILE = 0o100644;
const PROGRAM = 0o100755;
const LINK = 0o120777;

/** A ZIP archive as Info-ZIP writes it on Unix (without checksums, which the reader does not look at). */
function zip(members: Member[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = FILE, stored = false } of members) {
    const data = stored || content === '' ? Buffer.from(content) : deflateRawSync(content);
    const method = stored || content === '' ? 0 : 8;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + data.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, entries, end]);
}

async function unpack(archive: Buffer, rename?: (name: string) => string | undefined): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-zip-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a.zip'), archive);
  await unzip(join(folder, 'a.zip'), join(folder, 'out'), rename);
  return join(folder, 'out');
}

test('files come out with their content and mode, links as links', async () => {
  const text = 'signal '.repeat(1000);
  const out = await unpack(
    zip([
      { name: 'app/', content: '' },
      { name: 'app/run', content: text, mode: PROGRAM },
      { name: 'app/stored', content: 'as it is', stored: true },
      { name: 'app/empty', content: '' },
      { name: 'app/link', content: 'run', mode: LINK, stored: true },
    ]),
  );
  expect(readFileSync(join(out, 'app/run'), 'utf8')).toBe(text);
  expect(lstatSync(join(out, 'app/run')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(out, 'app/stored'), 'utf8')).toBe('as it is');
  expect(readFileSync(join(out, 'app/empty'), 'utf8')).toBe('');
  expect(readlinkSync(join(out, 'app/link'))).toBe('run');
});

test('entries can be renamed and left out', async () => {
  const out = await unpack(
    zip([
      { name: 'Vendor/tool', content: 'x' },
      { name: 'Vendor/extra', content: 'y' },
    ]),
    (name) => (name.endsWith('extra') ? undefined : name.replace('Vendor/', '')),
  );
  expect(readFileSync(join(out, 'tool'), 'utf8')).toBe('x');
  expect(existsSync(join(out, 'extra'))).toBe(false);
});

test.each([
  ['a path upwards', { name: '../evil', content: 'x' }],
  ['a path upwards further in', { name: 'a/../../evil', content: 'x' }],
  ['an absolute path', { name: '/tmp/evil', content: 'x' }],
  ['a link that leads out', { name: 'link', content: '../../etc', mode: LINK, stored: true }],
])('an archive with %s is refused', async (_what, member) => {
  await expect(unpack(zip([member]))).rejects.toThrow(/outside its folder/);
});

test('what is no archive, or is cut off, is refused', async () => {
  await expect(unpack(Buffer.from('hello'))).rejects.toThrow(/no ZIP archive/);
  const whole = zip([{ name: 'a', content: 'some content that is long enough' }]);
  await expect(unpack(whole.subarray(0, whole.length - 30))).rejects.toThrow(/no ZIP archive/);
});
