import * as fs from 'node:fs';
import { HostError } from '../../contract/errors.ts';
import { explainErrno } from './directory-walk.ts';
import type { DirectoryWalk, OpenedRoot, WalkedDirectory } from './directory-walk.ts';
import { refusePath, showPath } from './path-lexical.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
const directoryFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const byDescriptor = (fd: number): string => `/proc/self/fd/${fd}`;

/**
 * Linux: every part is opened relative to the descriptor of its parent (`/proc/self/fd/N/part`), so no step can be
 * redirected by renaming a directory or planting a link between check and use.
 */
export const linuxWalk: DirectoryWalk = {
  openFlags: 0,
  openRoot(absolutePath) {
    let fd: number;
    try {
      fd = fs.openSync(absolutePath, directoryFlags);
    } catch (error) {
      throw explainErrno(error, absolutePath, absolutePath);
    }
    const { dev, ino } = fs.fstatSync(fd, { bigint: true });
    return { fd, path: fs.readlinkSync(byDescriptor(fd)), dev, ino, mount: mountOf(fd) };
  },
  enter(root, segments) {
    if (root.fd === null) throw new HostError('internal', 'The workspace has no directory descriptor.');
    let fd = root.fd;
    for (const [index, segment] of segments.entries()) {
      const at = `${byDescriptor(fd)}/${segment}`;
      try {
        const next = fs.openSync(at, directoryFlags);
        if (fd !== root.fd) fs.closeSync(fd);
        fd = next;
      } catch (error) {
        const refusal = explainErrno(error, segments.slice(0, index + 1).join('/'), at);
        if (fd !== root.fd) fs.closeSync(fd);
        throw refusal;
      }
    }
    return walked(root, root.fd, fd, segments);
  },
};

function walked(root: OpenedRoot, rootFd: number, fd: number, segments: readonly string[]): WalkedDirectory {
  const shown = segments.join('/');
  // Belt and braces: the kernel's own name of the descriptor must still be below the root's current name.
  const expected = (name: string): string =>
    [fs.readlinkSync(byDescriptor(rootFd)), ...segments, ...(name === '' ? [] : [name])]
      .join('/')
      .replace(/^\/\//, '/');
  return {
    fd,
    self: byDescriptor(fd),
    child: (name) => `${byDescriptor(fd)}/${name}`,
    verify() {
      if (fs.readlinkSync(byDescriptor(fd)) !== expected('')) {
        throw refusePath('stale', shown, 'was moved while it was in use; try again');
      }
      if (mountOf(fd) !== root.mount) throw refusePath('not_permitted', shown, 'is on another mount');
    },
    verifyFile(fileFd, name) {
      const path = [...segments, name].join('/');
      if (mountOf(fileFd) !== root.mount) throw refusePath('not_permitted', path, 'is on another mount');
      if (fs.readlinkSync(byDescriptor(fileFd)) !== expected(name)) {
        throw new HostError('stale', `${showPath(path)} was moved while it was opened; try again`, {
          path,
          rule: 'moved',
        });
      }
    },
    close() {
      if (fd !== rootFd) fs.closeSync(fd);
    },
  };
}

/** `mnt_id` tells a bind mount of the same device apart, which `st_dev` does not. */
function mountOf(fd: number): string {
  const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  return /^mnt_id:\s*(\d+)/m.exec(info)?.[1] ?? '';
}
