import * as z from 'zod';

/** A command that the host has not answered yet. */
export const OutboxEntry = z.strictObject({
  commandId: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  name: z.string().max(64),
  input: z.unknown(),
  /** Given just before the first sending; null means that the host has surely not seen it. */
  counter: z.int().positive().nullable(),
});
export type OutboxEntry = z.infer<typeof OutboxEntry>;

/** What a device remembers of its dealings with one host. Only `outbox` may be lost without harm to safety. */
export const ReliableRecord = z.strictObject({
  /** Highest counter that was ever given to a command. */
  counter: z.int().nonnegative(),
  /** Highest counter of a command that the host said it has done: a host that knows less was put back. */
  answered: z.int().nonnegative(),
  /** Highest epoch that the host has shown. */
  epoch: z.int().nonnegative(),
  /** Highest version of the channel that was ever spoken with this host. */
  version: z.int().nonnegative(),
  /** Highest version that the host has ever demanded at least. */
  minVersion: z.int().nonnegative(),
  outbox: z.array(OutboxEntry),
});
export type ReliableRecord = z.infer<typeof ReliableRecord>;

export const emptyReliableRecord: ReliableRecord = {
  counter: 0,
  answered: 0,
  epoch: 0,
  version: 0,
  minVersion: 0,
  outbox: [],
};

/** The record in memory and its way to the disk. */
export interface RecordKeeper {
  readonly value: ReliableRecord;
  change(part: Partial<ReliableRecord>): void;
  /** Resolves when everything changed so far would survive a kill; rejects when it could not be stored. */
  saved(): Promise<void>;
}

/** Saves one after the other, newest state each time; changes that wait for the same turn share one write. */
export function createRecordKeeper(
  initial: ReliableRecord,
  save: (record: ReliableRecord) => Promise<void>,
): RecordKeeper {
  let value = initial;
  let tail: Promise<void> = Promise.resolve();
  let queued: Promise<void> | null = null;
  return {
    get value() {
      return value;
    },
    change(part) {
      value = { ...value, ...part };
    },
    saved() {
      if (queued) return queued;
      const turn = tail.then(() => {
        queued = null;
        return save(value);
      });
      queued = turn;
      tail = turn.catch(() => undefined);
      return turn;
    },
  };
}
