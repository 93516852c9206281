import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { commandNames } from '../contract/command-names.ts';
import type { ClientMessage, HostMessage } from '../contract/wire.ts';
import { buildApi } from './api.ts';

function fakeMain() {
  const calls: [string, unknown][] = [];
  const sent: ClientMessage[] = [];
  let listener: (message: HostMessage) => void = () => {};
  return {
    calls,
    sent,
    deliver: (message: HostMessage) => listener(message),
    bridge: {
      invoke: async (name: string, input: unknown) => {
        calls.push([name, input]);
        if (name === 'host.pause') throw new Error('Error invoking remote method /secret/path');
        return { ok: true as const, value: { echoed: input } };
      },
      send: (message: ClientMessage) => void sent.push(message),
      onMessage: (next: (message: HostMessage) => void) => void (listener = next),
    },
  };
}

test('the page gets one function for each command, the two streams, and nothing else', () => {
  const api = buildApi(fakeMain().bridge) as unknown as Record<string, Record<string, unknown>>;
  const { subscribe, follow, ...services } = api;
  const names = Object.entries(services).flatMap(([service, verbs]) =>
    Object.keys(verbs).map((verb) => `${service}.${verb}`),
  );
  expect(names.sort()).toEqual(Object.keys(commandNames).sort());
  expect([typeof subscribe, typeof follow]).toEqual(['function', 'function']);
});

test('neither the object nor any of its services can be changed by the page', () => {
  const api = buildApi(fakeMain().bridge);
  for (const value of [api, ...Object.values(api)])
    if (typeof value === 'object') expect(Object.isFrozen(value)).toBe(true);
  expect(() => Object.assign(api.host, { lockDown: () => 'mine' })).toThrow(TypeError);
});

test('a command goes to the main process by name and its answer comes back', async () => {
  const main = fakeMain();
  const reply = await buildApi(main.bridge).supervisor.start({ name: 'web' });
  expect(main.calls).toEqual([['supervisor.start', { name: 'web' }]]);
  expect(reply).toEqual({ ok: true, value: { echoed: { name: 'web' } } });
});

test('a call that the main process did not take is answered unavailable, without its internals', async () => {
  const reply = await buildApi(fakeMain().bridge).host.pause({});
  expect(reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  expect(JSON.stringify(reply)).not.toContain('secret');
});

test('frames reach the subscriber until it unsubscribes', () => {
  const main = fakeMain();
  const seen: unknown[] = [];
  const stop = buildApi(main.bridge).subscribe(null, (frame) => seen.push(frame));
  const frame = { kind: 'hidden', cursor: { epoch: 'e', seq: 1 } } as const;
  main.deliver({ type: 'frame', frame });
  stop();
  main.deliver({ type: 'frame', frame });
  expect(seen).toEqual([frame]);
  expect(main.sent).toEqual([{ type: 'subscribe', from: null }, { type: 'unsubscribe' }]);
});

test('a byte stream is acknowledged piece by piece and ends once', () => {
  const main = fakeMain();
  const seen: string[] = [];
  const api = buildApi(main.bridge);
  const source = { kind: 'log', name: 'web', stream: 'stdout' } as const;
  const close = api.follow(
    source,
    -10,
    (chunk) => seen.push(chunk.text),
    (reason) => seen.push(`end: ${reason}`),
  );
  const id = main.sent[0]?.type === 'open' ? main.sent[0].id : -1;
  main.deliver({ type: 'chunk', id, offset: 0, nextOffset: 2, text: 'hi' });
  main.deliver({ type: 'ended', id, reason: 'gone' });
  main.deliver({ type: 'chunk', id, offset: 2, nextOffset: 3, text: '!' });
  close();
  expect(seen).toEqual(['hi', 'end: gone']);
  expect(main.sent.slice(1)).toEqual([{ type: 'ack', id, nextOffset: 2 }]);
});

test('the bundled preload is small, has no schema library, and knows two channels', async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL('./preload.ts', import.meta.url).pathname],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    external: ['electron'],
    write: false,
  });
  const text = outputFiles[0]!.text;
  expect(text.length).toBeLessThan(8192);
  expect(text).not.toContain('zod');
  expect([...new Set(text.match(/signalbox:[a-z]+/g))].sort()).toEqual([
    'signalbox:call',
    'signalbox:message',
  ]);
  expect(await readFile(new URL('./preload.ts', import.meta.url), 'utf8')).not.toMatch(
    /exposeInMainWorld\([^)]*ipcRenderer/,
  );
});
