import { channelUrl, hostOf } from './address.ts';

test.each([
  ['127.0.0.1:4400', 'ws://127.0.0.1:4400/e2e'],
  ['localhost:4400', 'ws://localhost:4400/e2e'],
  ['[::1]:4400', 'ws://[::1]:4400/e2e'],
  ['192.168.1.20:4400', 'ws://192.168.1.20:4400/e2e'],
  ['172.31.0.2:1', 'ws://172.31.0.2:1/e2e'],
  ['[fd00::1]:4400', 'ws://[fd00::1]:4400/e2e'],
  ['172.32.0.2', 'wss://172.32.0.2/e2e'],
  ['8.8.8.8:443', 'wss://8.8.8.8:443/e2e'],
  ['box.example', 'wss://box.example/e2e'],
  ['10.evil.example', 'wss://10.evil.example/e2e'],
  ['[2001:db8::1]:4400', 'wss://[2001:db8::1]:4400/e2e'],
])('%p is reached at %p', (host, url) => {
  expect(channelUrl(host)).toBe(url);
});

test.each([
  ['https://Calm-Tree.example.com/', 'calm-tree.example.com'],
  ['https://calm-tree.example.com', 'calm-tree.example.com'],
  ['http://calm-tree.example.com', undefined],
  ['https://user@evil.example/', undefined],
])('the host of %p is %p', (url, host) => {
  expect(hostOf(url)).toBe(host);
});
