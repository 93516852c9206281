import { createIncomingLink, mayBePairingLink } from './pairing-link.ts';

test.each([
  'signalbox://p#AAAA@host.example',
  'https://box.example/p#AAAA@box.example',
  'http://127.0.0.1:4400/p#AAAA',
])('takes %p for a pairing link', (text) => {
  expect(mayBePairingLink(text)).toBe(true);
});

test.each([
  '',
  'signalbox://p',
  'signalbox://p#',
  'signalbox://pair#AAAA',
  'https://box.example/other#AAAA',
  'javascript:alert(1)//p#A',
  ' signalbox://p#AAAA',
  `signalbox://p#${'A'.repeat(512)}`,
])('refuses %p', (text) => {
  expect(mayBePairingLink(text)).toBe(false);
});

test('a link that opened the app can be taken once', () => {
  const incoming = createIncomingLink();
  incoming.put('https://elsewhere.example/');
  expect(incoming.take()).toBeUndefined();
  incoming.put('signalbox://p#AAAA@host.example');
  expect(incoming.take()).toBe('signalbox://p#AAAA@host.example');
  expect(incoming.take()).toBeUndefined();
});
