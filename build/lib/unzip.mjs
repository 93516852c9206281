import { constants, createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buffer } from 'node:stream/consumers';
import { createInflateRaw } from 'node:zlib';

// ZIP as in PKWARE's APPNOTE 6.3, without ZIP64 and encryption: archives below 4 GiB.
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;

/** @typedef {{ name: string, method: number, packed: number, offset: number, mode: number }} Entry */
/** @typedef {import('node:fs/promises').FileHandle} FileHandle */

/**
 * @param {FileHandle} file
 * @param {number} position
 * @param {number} length
 */
async function readAt(file, position, length) {
  const { buffer: bytes, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('the archive ends too early');
  return bytes;
}

/**
 * @param {FileHandle} file
 * @returns {Promise<Entry[]>}
 */
async function readDirectory(file) {
  const { size } = await file.stat();
  const tailSize = Math.min(size, END_SIZE + MAX_COMMENT);
  const tail = await readAt(file, size - tailSize, tailSize);
  let at = tail.length - END_SIZE;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at -= 1;
  if (at < 0) throw new Error('this is no ZIP archive');
  const count = tail.readUInt16LE(at + 10);
  const directory = await readAt(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  /** @type {Entry[]} */
  const entries = [];
  for (let p = 0; entries.length < count;) {
    if (directory.readUInt32LE(p) !== CENTRAL) throw new Error('the archive has a damaged directory');
    const nameEnd = p + 46 + directory.readUInt16LE(p + 28);
    entries.push({
      name: directory.toString('utf8', p + 46, nameEnd),
      method: directory.readUInt16LE(p + 10),
      packed: directory.readUInt32LE(p + 20),
      offset: directory.readUInt32LE(p + 42),
      mode: directory.readUInt32LE(p + 38) >>> 16,
    });
    p = nameEnd + directory.readUInt16LE(p + 30) + directory.readUInt16LE(p + 32);
  }
  return entries;
}

/**
 * A path that cannot leave the destination.
 * @param {string} destination
 * @param {string} name
 */
function inside(destination, name) {
  const path = normalize(name);
  if (isAbsolute(path) || path === '..' || path.startsWith(`..${sep}`)) {
    throw new Error(`the archive holds an entry outside its folder: ${name}`);
  }
  return join(destination, path);
}

/**
 * @param {string} archive
 * @param {FileHandle} file
 * @param {Entry} entry
 */
async function contentOf(archive, file, entry) {
  const header = await readAt(file, entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw new Error(`the archive is damaged at ${entry.name}`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = createReadStream(archive, { start, end: start + entry.packed - 1 });
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw new Error(`${entry.name} is packed in a way that is not supported`);
  const inflate = createInflateRaw();
  packed.on('error', (error) => inflate.destroy(error));
  return packed.pipe(inflate);
}

/**
 * Unpacks a ZIP archive with its file modes and symbolic links. The caller has checked where the archive is from.
 * @param {string} archive
 * @param {string} destination a folder; made when it is not there
 * @param {(name: string) => string | undefined} rename an entry's path inside `destination`; undefined leaves it out
 */
export async function unzip(archive, destination, rename = (name) => name) {
  const file = await open(archive, 'r');
  try {
    for (const entry of await readDirectory(file)) {
      const name = rename(entry.name);
      if (name === undefined || name === '') continue;
      const path = inside(destination, name);
      if (name.endsWith('/')) {
        await mkdir(path, { recursive: true });
        continue;
      }
      await mkdir(dirname(path), { recursive: true });
      if (entry.packed === 0) {
        await (await open(path, 'w', entry.mode & 0o777 || 0o644)).close();
        continue;
      }
      const content = await contentOf(archive, file, entry);
      if ((entry.mode & constants.S_IFMT) === constants.S_IFLNK) {
        const target = (await buffer(content)).toString('utf8');
        inside(destination, join(dirname(name), target));
        await symlink(target, path);
      } else {
        await pipeline(content, createWriteStream(path, { mode: entry.mode & 0o777 || 0o644 }));
      }
    }
  } finally {
    await file.close();
  }
}
