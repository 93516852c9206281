import * as z from 'zod';
import { OutboxEntry } from '../../contract/reliable-record.ts';
import type { ReliableRecord } from '../../contract/reliable-record.ts';
import type { HostBook } from './host-book.ts';
import type { PairedHost } from './host-record.ts';
import type { Outboxes } from './outboxes.ts';

const Waiting = z.array(OutboxEntry);

async function waiting(record: PairedHost, outboxes: Outboxes): Promise<OutboxEntry[]> {
  try {
    const text = await outboxes.read(record);
    return text === undefined ? [] : Waiting.parse(JSON.parse(text));
  } catch {
    // What cannot be read was never sent, or its answer is not known: nothing of it is sent now.
    return [];
  }
}

/** What was saved of the dealings with a host, as the client of the contract takes it. */
export async function readReliable(record: PairedHost, outboxes: Outboxes): Promise<ReliableRecord> {
  const outbox = await waiting(record, outboxes);
  const sent = outbox.map(({ counter }) => counter ?? 0);
  const { dealings } = record;
  return { ...dealings, counter: Math.max(dealings.counter, ...sent), outbox };
}

/**
 * Saves the counters with the host, and the commands where long texts may lie. The counters first: a number that was
 * written down is never given again, whatever happens to the commands.
 */
export async function saveReliable(
  record: PairedHost,
  { outbox, ...dealings }: ReliableRecord,
  { book, outboxes }: { readonly book: HostBook; readonly outboxes: Outboxes },
): Promise<void> {
  const kept = await book.update(record.hostId, (known) =>
    known.keyId === record.keyId ? { dealings } : {},
  );
  // The host was removed meanwhile: nothing of it may come back.
  if (kept?.keyId === record.keyId) await outboxes.write(record, JSON.stringify(outbox));
}
