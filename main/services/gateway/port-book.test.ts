import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from '../../kernel/database.ts';
import { createPortBook } from './port-book.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** Listens for real. @returns the port */
function listen(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      open.push(server);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A port that is taken and the one after it, which is free. */
async function takenAndFree(): Promise<readonly [number, number]> {
  for (;;) {
    const taken = await listen(0);
    const free = await listen(taken + 1).catch(() => null);
    if (free === null) continue;
    const server = open.pop();
    await new Promise((resolve) => server?.close(resolve));
    return [taken, free];
  }
}

test('the first free port of a range is taken, and had again after a restart', async () => {
  const db = openDatabase(':memory:');
  const [taken, free] = await takenAndFree();
  expect(await createPortBook(db).listen('proxy', 0, listen, [taken, free])).toBe(free);
  const server = open.pop();
  await new Promise((resolve) => server?.close(resolve));
  expect(await createPortBook(db).listen('proxy', 0, listen, [1, 0])).toBe(free);
});

test('where the whole range is taken any port will do, and a port of its own is never exchanged for another', async () => {
  const db = openDatabase(':memory:');
  const [taken] = await takenAndFree();
  const book = createPortBook(db);
  expect(await book.listen('proxy', 0, listen, [taken, taken])).not.toBe(taken);
  await expect(book.listen('proxy', taken, listen, [1, 0])).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(`port ${taken} of listeners.proxy`) as string,
  });
});

test('a port that may not be used is no port that is taken', async () => {
  const db = openDatabase(':memory:');
  const refused = () => Promise.reject(Object.assign(new Error('denied'), { code: 'EACCES' }));
  await expect(createPortBook(db).listen('proxy', 0, refused, [9090, 9190])).rejects.toThrow('denied');
});
