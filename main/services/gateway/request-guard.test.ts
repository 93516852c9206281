import { expect, test } from 'vitest';
import { loopbackHosts, objectTo } from './request-guard.ts';

const local = { hosts: loopbackHosts(8080), scheme: 'http', local: true } as const;
const edge = { hosts: ['quiet-otter.trycloudflare.com'], scheme: 'https', local: false } as const;

test.each(['127.0.0.1:8080', 'localhost:8080', '[::1]:8080', 'LOCALHOST:8080'])(
  '%s is this listener',
  (host) => {
    expect(objectTo({ host }, local)).toBeNull();
  },
);

test.each([
  undefined,
  '',
  '127.0.0.1',
  '127.0.0.1:80',
  '127.0.0.1:8080.',
  '127.0.0.1.nip.io:8080',
  'localhost.evil:8080',
  'localhost.:8080',
  'user@localhost:8080',
  '0.0.0.0:8080',
  '[::]:8080',
  '2130706433:8080',
  '127.1:8080',
  'evil.example',
  'quiet-otter.trycloudflare.com',
])('the Host %s is refused', (host) => {
  expect(objectTo({ host }, local)).toMatchObject({ status: 421 });
});

test.each([
  'null',
  'file://',
  'https://127.0.0.1:8080',
  'http://127.0.0.1',
  'http://127.0.0.1:8081',
  'http://127.0.0.1:8080.evil.example',
  'http://evil.example',
  'app://signalbox',
  'http://localhost:8080/',
])('a request of the origin %s is refused', (origin) => {
  expect(objectTo({ host: '127.0.0.1:8080', origin }, local)).toMatchObject({ status: 403 });
});

test('a request of our own origin passes', () => {
  expect(objectTo({ host: 'localhost:8080', origin: 'http://localhost:8080' }, local)).toBeNull();
});

test.each(['x-forwarded-for', 'cf-connecting-ip', 'cf-ray', 'forwarded'])(
  'what came through a proxy (%s) is not local',
  (name) => {
    expect(objectTo({ host: '127.0.0.1:8080', [name]: 'x' }, local)).toMatchObject({ status: 403 });
  },
);

test('the edge answers to the public name of the tunnel alone', () => {
  const forwarded = { 'cf-ray': 'x', host: 'quiet-otter.trycloudflare.com' };
  expect(objectTo(forwarded, edge)).toBeNull();
  expect(objectTo({ ...forwarded, host: '127.0.0.1:8080' }, edge)).toMatchObject({ status: 421 });
  expect(objectTo(forwarded, { ...edge, hosts: [] })).toMatchObject({ status: 421 });
  expect(objectTo({ ...forwarded, origin: 'http://quiet-otter.trycloudflare.com' }, edge)).toMatchObject({
    status: 403,
  });
});
