import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionNotice } from '../../../contract/sessions.ts';
import { syncFolder, writeFileAtomic } from '../../kernel/atomic-file.ts';
import { makePrivate } from '../../kernel/home.ts';

export interface SetAside {
  /** A free name in the folder, which is made. */
  place(name: string): string;
  /** Moves a file, or whatever lies in its place, as it is. */
  move(file: string, name: string): void;
  /** Keeps what had no file of its own. */
  keep(content: string, name: string): void;
  /** What a person should know, as long as it lies there. */
  notices(): SessionNotice[];
}

/** Damaged sessions and ends of timelines: kept in a folder of their own until a person has looked, never deleted. */
export function createSetAside(folder: string): SetAside {
  function place(name: string): string {
    makePrivate(folder);
    const plain = safeName(name);
    for (let count = 0; ; count += 1) {
      const file = join(folder, count === 0 ? plain : `${plain}.${count}`);
      if (!existsSync(file)) return file;
    }
  }
  return {
    place,
    move(file, name) {
      renameSync(file, place(name));
      syncFolder(folder);
    },
    keep: (content, name) => writeFileAtomic(place(name), content),
    notices() {
      const count = existsSync(folder) ? readdirSync(folder).length : 0;
      if (count === 0) return [];
      const what = count === 1 ? '1 damaged part was' : `${count} damaged parts were`;
      return [
        {
          code: 'set_aside',
          store: 'host',
          count,
          message: `${what} set aside in ${folder}; look at them, then delete them or put them back`,
        },
      ];
    },
  };
}

/** What the database calls an id may be anything once it is damaged. */
function safeName(name: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(name)) return name;
  return `unnamed-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
