// For tests: IndexedDB in memory that clones as browsers do. The runtime of the apps brings a clone of its own, which
// knows no CryptoKey; this one is Node's, by way of a message port.
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

function cloned(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(value);
    return (receiveMessageOnPort(port2) as { message: unknown }).message;
  } finally {
    port1.close();
  }
}

/** An empty database; it keeps what is put into it as long as the test holds it. */
export function createFakeIndexedDb(): IDBFactory {
  globalThis.structuredClone = cloned as typeof structuredClone;
  return new IDBFactory();
}
