import { expect, test } from 'vitest';
import { createCipherState, MAX_NONCE } from './cipher-state.ts';
import { generateDhKey } from './dh-key.ts';
import { random, hostKey, psk, PAYLOADS, code } from '../../main/testing/channel/noise-bench.ts';

const NONE = new Uint8Array(0);

test('a cipher stops at its nonce limit, in both directions', () => {
  const cipher = createCipherState();
  cipher.initializeKey(psk);
  cipher.setNonce(MAX_NONCE - 1);
  const last = cipher.encrypt(NONE, PAYLOADS[0]);
  expect(() => cipher.encrypt(NONE, PAYLOADS[0])).toThrow(expect.objectContaining({ code: 'exhausted' }));
  cipher.setNonce(MAX_NONCE - 1);
  expect(cipher.decrypt(NONE, last)).toEqual(PAYLOADS[0]);
  expect(() => cipher.decrypt(NONE, last)).toThrow(expect.objectContaining({ code: 'exhausted' }));
});

test('a refused ciphertext does not move the counter, a rekey does not reset it', () => {
  const [sender, receiver] = [createCipherState(), createCipherState()];
  sender.initializeKey(psk);
  receiver.initializeKey(psk);
  const first = sender.encrypt(NONE, PAYLOADS[0]);
  expect(() => receiver.decrypt(NONE, random(40))).toThrow(expect.objectContaining({ code: 'refused' }));
  expect(receiver.decrypt(NONE, first)).toEqual(PAYLOADS[0]);
  sender.rekey();
  const second = sender.encrypt(NONE, PAYLOADS[1]);
  expect(() => receiver.decrypt(NONE, second)).toThrow(expect.objectContaining({ code: 'refused' }));
  receiver.rekey();
  expect(receiver.decrypt(NONE, second)).toEqual(PAYLOADS[1]);
  receiver.setNonce(0);
  expect(() => receiver.decrypt(NONE, second)).toThrow(expect.objectContaining({ code: 'refused' }));
});

test('destroyed keys do nothing any more', async () => {
  const cipher = createCipherState();
  cipher.initializeKey(psk);
  cipher.destroy();
  expect(() => cipher.encrypt(NONE, NONE)).toThrow(expect.objectContaining({ code: 'closed' }));
  expect(() => cipher.decrypt(NONE, new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'closed' }));
  const key = generateDhKey(random);
  key.destroy();
  await expect(key.dh(Uint8Array.from(hostKey.publicKey))).rejects.toEqual(code('misuse'));
});
