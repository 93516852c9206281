import { expect, test } from 'vitest';
import { actionFor, OUTBOUND_ACTIONS, OUTBOUND_KINDS, stricter } from './outbound-actions.ts';
import { createOutbound } from './outbound.ts';
import { secretSamples } from './testing/secret-samples.ts';

const ORIGINS = ['own', 'private-key', 'known', 'pattern'] as const;
const pem = secretSamples(1).find(({ kind }) => kind === 'pkcs8 private key')?.text ?? '';
const token = secretSamples(1).find(({ kind }) => kind === 'github token')?.text ?? '';

test('a setting makes stricter and never looser, for every kind and origin', () => {
  for (const kind of OUTBOUND_KINDS) {
    for (const origin of ORIGINS) {
      const plain = actionFor(kind, origin, {});
      for (const wanted of OUTBOUND_ACTIONS) {
        expect(actionFor(kind, origin, { [kind]: wanted })).toBe(stricter(plain, wanted));
      }
    }
  }
});

test('a file with a private key is blocked as a whole; in a diff the key alone goes', () => {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32) });
  const file = outbound.text('file', `top\n${pem}\nbottom\n`);
  expect(file.action).toBe('block');
  expect(file.text).toMatch(/^\[BLOCKED file: private-key #[0-9a-f]{8}\]$/);
  const diff = outbound.text('diff', `+top\n+${pem.replaceAll('\n', '\n+')}\n+bottom\n`);
  expect(diff.action).toBe('redact');
  expect(diff.text).toMatch(/^\+top\n\+\[REDACTED private-key #[0-9a-f]{8}\]\n\+bottom\n$/);
});

test('the owner may want to be asked, or nothing to leave', async () => {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32), tighter: { file: 'ask', diff: 'block' } });
  const asked = await outbound.deep('file', `a ${token} b`);
  expect(asked.action).toBe('ask');
  expect(asked.text).not.toContain(token);
  expect((await outbound.deep('diff', `+${token}\n`)).text).toMatch(/^\[BLOCKED diff: github-pat #/);
  expect((await outbound.deep('file', 'nothing')).action).toBeNull();
});

test('an allowed value passes in its workspace only; the same value has the same tag in every disguise', () => {
  const tags = new Set<string>();
  const all = createOutbound({ hmacKey: new Uint8Array(32), held: ({ tag }) => void tags.add(tag) });
  const disguised = [
    `a ${token} b`,
    `a ${token.slice(0, 9)}\u001b[1m${token.slice(9)} b`,
    JSON.stringify(`\n${token}`),
    Buffer.from(`see ${token} end`).toString('base64'),
  ];
  for (const text of disguised) all.text('output', text);
  expect(tags.size).toBe(1);
  const outbound = createOutbound({
    hmacKey: new Uint8Array(32),
    allowed: (tag, workspaceId) => tags.has(tag) && workspaceId === ('w1' as typeof workspaceId),
  });
  for (const text of disguised) {
    expect(outbound.text('output', text, 'w1' as never).text).toBe(text);
    expect(outbound.text('output', text, 'w2' as never).hits).toHaveLength(1);
    expect(outbound.text('output', text).hits).toHaveLength(1);
  }
});

test('neither a private key nor a secret of the host is ever let through', () => {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32), allowed: () => true });
  outbound.addOwn('secret-of-this-host');
  outbound.addSecret('secret-of-an-agent');
  expect(outbound.text('log', 'a secret-of-this-host b').text).toMatch(
    /^a \[REDACTED host-secret #[0-9a-f]{8}\] b$/,
  );
  expect(outbound.text('log', pem).hits).toHaveLength(1);
  expect(outbound.text('log', 'a secret-of-an-agent b').text).toBe('a secret-of-an-agent b');
  const own = `signalbox_mcp_0a1b2c3d_${'x1Y2'.repeat(11).slice(0, 43)}`;
  expect(outbound.text('log', own).hits).toHaveLength(1);
});

test('tags follow the key that was kept, and part of a text is judged by the whole of it', () => {
  const key = new Uint8Array(32).fill(9);
  const [first, second] = [1, 2].map((fill) => createOutbound({ hmacKey: new Uint8Array(32).fill(fill) }));
  const tag = () => [first, second].map((outbound) => outbound?.text('log', token).hits[0]?.tag);
  expect(new Set(tag()).size).toBe(2);
  first?.useTagKey(key);
  second?.useTagKey(key);
  expect(new Set(tag()).size).toBe(1);
  const text = `one ${token} two`;
  for (let from = 5; from < 4 + token.length; from += 1) {
    const shown = first?.part('log', text, from, text.length) ?? '';
    expect(shown).toMatch(/^\[REDACTED github-pat #[0-9a-f]{8}\] two$/);
  }
  expect(first?.part('log', text, 0, 10)).toMatch(/^one \[REDACTED github-pat #[0-9a-f]{8}\]$/);
});
