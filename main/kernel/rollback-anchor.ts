import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from './atomic-file.ts';
import { makePrivate } from './home.ts';

const Anchor = z.strictObject({ hostId: z.string().max(128), epoch: z.int().nonnegative() });

/**
 * `rolled-back`: this very host has been at `seen`, and its state says that it was not. Devices that were revoked
 * meanwhile, rules that were added and a lock-down may all be missing from it.
 */
export type AnchorVerdict =
  { readonly kind: 'sound' } | { readonly kind: 'rolled-back'; readonly seen: number };

/**
 * Compares the epoch in the state of a host with the one that was left outside of its home, and leaves the new one.
 * A home that is put back from a backup does not bring its anchor along. The caller must have written down what
 * follows from `rolled-back` before it calls `drop`: until then every start sees it again.
 * @param folder where anchors are kept, not in any home
 * @param root the home, which gives the anchor its name
 */
export function openRollbackAnchor(folder: string, root: string, host: { id: string; epoch: number }) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const file = join(folder, `${name}.json`);
  return {
    compare(): AnchorVerdict {
      const left = read(file);
      // Another host once had its home here: that says nothing of this one.
      if (left?.hostId !== host.id) return { kind: 'sound' };
      // Every start counts one up: the same number again is a start that was undone.
      if (left.epoch < host.epoch) return { kind: 'sound' };
      return { kind: 'rolled-back', seen: left.epoch };
    },
    /** @throws when the folder cannot be written */
    drop(): void {
      makePrivate(dirname(file));
      writeFileAtomic(file, `${JSON.stringify({ hostId: host.id, epoch: host.epoch })}\n`);
    },
  };
}

function read(file: string): z.infer<typeof Anchor> | null {
  if (!existsSync(file)) return null;
  try {
    return Anchor.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Torn or foreign: it can prove nothing.
    return null;
  }
}
