import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toBase64Url, toHex } from './bytes.ts';
import { derivePairing, encodePairingLink, encodePairingText, parsePairingText } from './pairing-text.ts';

const hostPublicKey = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const secret = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i);
const pairing = { hostPublicKey, secret, hosts: ['quiet-lamp.trycloudflare.com', '192.168.1.7:4810'] };
const text = encodePairingText(pairing);

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).filter((value) => value.some((byte) => byte !== 0));
const host = fc.constantFrom('a', 'host.example', 'a-b.c:1', '10.0.0.1:65535', '[2001:db8::1]:443', '[::1]');

test('the text is the scheme, 66 characters of key and secret, and the hosts', () => {
  expect(text).toMatch(/^signalbox:\/\/p#[\w-]{66}@quiet-lamp\.trycloudflare\.com,192\.168\.1\.7:4810$/);
  expect(text.length).toBeLessThan(130);
});

test('whatever is encoded is parsed back, as text, with white space around it, and as a link', () => {
  fc.assert(
    fc.property(bytes(32), bytes(16), fc.array(host, { minLength: 1, maxLength: 4 }), (key, once, hosts) => {
      const value = { hostPublicKey: Uint8Array.from(key), secret: Uint8Array.from(once), hosts };
      expect(parsePairingText(encodePairingText(value))).toEqual(value);
      expect(parsePairingText(` ${encodePairingText(value)}\n`)).toEqual(value);
      expect(parsePairingText(encodePairingLink('https://host.example/pair?lang=de', value))).toEqual(value);
      expect(parsePairingText(encodePairingLink('http://127.0.0.1:4810/', value))).toEqual(value);
    }),
  );
});

test('altered texts are refused with a sentence that repeats nothing of them', () => {
  const code = /#(.{66})@/.exec(text)?.[1] ?? '';
  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /not a Signalbox/],
    ['https://example.com/', /not a Signalbox/],
    [text.replace('signalbox', 'Signalbox'), /not a Signalbox/],
    [text.replace('//p#', '//q#'), /not a Signalbox/],
    [`javascript:alert(1)#${code}@h`, /not a Signalbox/],
    [`https://user@host/#${code}@h`, /not a Signalbox/],
    [`${text}#${code}`, /not a Signalbox/],
    [`${text}${'a'.repeat(3000)}`, /not a Signalbox/],
    [`signalbox://p#${code}`, /where the host is/],
    [`${text}@evil.example`, /where the host is/],
    [`signalbox://p#${code}@`, /host address/],
    [`signalbox://p#${code}@a,`, /host address/],
    [`signalbox://p#${code}@a,b,c,d,e`, /host address/],
    [`signalbox://p#${code}@a b`, /host address/],
    [`signalbox://p#${code}@A.example`, /host address/],
    [`signalbox://p#${code}@a/../b`, /host address/],
    [`signalbox://p#${code}@a:0`, /host address/],
    [`signalbox://p#${code}@a:65536`, /host address/],
    [`signalbox://p#${code}@-a`, /host address/],
    [`signalbox://p#${code}@a..b`, /host address/],
    [`signalbox://p#${code.slice(1)}@a`, /incomplete/],
    [`signalbox://p#${code}A@a`, /incomplete/],
    [`signalbox://p#${code.slice(0, 65)}=@a`, /damaged/],
    [`signalbox://p#${code.slice(0, 65)}+@a`, /damaged/],
    [`signalbox://p#${code.slice(0, 65)}_@a`, /damaged/],
    [`signalbox://p#Ag${code.slice(2)}@a`, /another version/],
    [`signalbox://p#AQ${'A'.repeat(64)}@a`, /damaged/],
    [
      `signalbox://p#${toBase64Url(Uint8Array.from([1, ...hostPublicKey, ...new Uint8Array(16)]))}@a`,
      /damaged/,
    ],
    [`signalbox://p#${toBase64Url(Uint8Array.from([1, ...new Uint8Array(32), ...secret]))}@a`, /damaged/],
  ];
  for (const [broken, message] of bad) {
    expect(() => parsePairingText(broken), broken).toThrow(message);
    try {
      parsePairingText(broken);
    } catch (error) {
      expect(String(error)).not.toContain(code.slice(10, 40));
    }
  }
});

test('no random text crashes the parser in any other way than its own error', () => {
  const near = fc.tuple(fc.constantFrom('signalbox://p#', 'https://h/#', ''), fc.string(), fc.string());
  fc.assert(
    fc.property(near, ([start, middle, end]) => {
      try {
        parsePairingText(`${start}${middle}@${end}`);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ChannelError', code: 'refused' });
      }
    }),
    { numRuns: 2000 },
  );
});

test('wrong arguments are not encoded', () => {
  expect(() => encodePairingText({ ...pairing, secret: new Uint8Array(16) })).toThrow('16-byte secret');
  expect(() => encodePairingText({ ...pairing, secret: secret.slice(1) })).toThrow('16-byte secret');
  expect(() => encodePairingText({ ...pairing, hostPublicKey: secret })).toThrow('32-byte key');
  expect(() => encodePairingText({ ...pairing, hosts: [] })).toThrow('hosts');
  expect(() => encodePairingLink('https://h/#x', pairing)).toThrow('without #');
  expect(() => encodePairingLink('signalbox://p', pairing)).toThrow('http');
});

test('the id and the key of an invitation are HKDF-SHA256 of its secret, salted with the host key', () => {
  const reference = (info: string, length: number): string =>
    Buffer.from(hkdfSync('sha256', secret, hostPublicKey, info, length)).toString('hex');
  const { pairId, pairPsk } = derivePairing(pairing);
  expect(toHex(pairId)).toBe(reference('signalbox/pair-id/v1', 8));
  expect(toHex(pairPsk)).toBe(reference('signalbox/pair-psk/v1', 32));
  expect(toHex(fromHex(toHex(pairPsk)))).toBe(toHex(pairPsk));
});
