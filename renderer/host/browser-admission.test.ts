import { expect, test } from 'vitest';
import { approveCommand, createBrowserAdmission } from './browser-admission.ts';

const answering = (status: number, body: unknown) => {
  const asked: [string, RequestInit | undefined][] = [];
  const admission = createBrowserAdmission(async (url, init) => {
    asked.push([url, init]);
    return { status, json: async () => body };
  });
  return { admission, asked };
};

test('a browser asks under its name and gets an id and a code', async () => {
  const { admission, asked } = answering(200, { deviceId: 'dev_1', checkCode: '482913' });
  expect(await admission.ask('Laptop')).toEqual({ deviceId: 'dev_1', checkCode: '482913' });
  expect(asked[0]?.[0]).toBe('/admit');
  expect(asked[0]?.[1]).toMatchObject({ method: 'POST', body: '{"name":"Laptop"}' });
});

test('the command to type names exactly that device and that code', () => {
  expect(approveCommand({ deviceId: 'dev_1', checkCode: '482913' })).toBe(
    'signalbox devices approve dev_1 482913',
  );
});

test.each([
  ['an id that could be a command', { deviceId: 'x; rm -rf /', checkCode: '482913' }],
  ['a code that is no code', { deviceId: 'x', checkCode: '48291x' }],
  ['nothing', null],
])('%s is refused', async (_what, body) => {
  expect(await answering(200, body).admission.ask('a')).toBeNull();
});

test('only 401 means that this browser is not admitted', async () => {
  expect(await answering(401, {}).admission.probe()).toBe('not-admitted');
  expect(await answering(426, {}).admission.probe()).toBe('other');
});

test('the long poll tells admitted, pending, refused and gone apart', async () => {
  for (const state of ['admitted', 'pending', 'refused'] as const) {
    expect(await answering(200, { state }).admission.answer('d')).toBe(state);
  }
  expect(await answering(404, {}).admission.answer('d')).toBe('gone');
  expect(await answering(500, {}).admission.answer('d')).toBe('unreachable');
  expect(await answering(200, { state: 'owner' }).admission.answer('d')).toBe('unreachable');
});

test('a host that cannot be reached is no error of the page', async () => {
  const admission = createBrowserAdmission(() => Promise.reject(new TypeError('failed to fetch')));
  expect([await admission.probe(), await admission.ask('a'), await admission.answer('d')]).toEqual([
    'other',
    null,
    'unreachable',
  ]);
});
