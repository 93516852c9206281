import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idKey, isBad, readEnvelope, type BadMessage, type Envelope } from './envelope.ts';

const read = (text: string): Envelope | BadMessage => readEnvelope(Buffer.from(text));
const message = (members: Record<string, unknown>) => JSON.stringify({ jsonrpc: '2.0', ...members });

test('requests, notifications and answers are told apart from outside', () => {
  expect(read(message({ id: 7, method: 'session/prompt', params: { sessionId: 's1', prompt: [] } }))).toEqual(
    {
      id: '7',
      method: 'session/prompt',
      hasResult: false,
      hasError: false,
      sessionId: 's1',
      openedSessionId: null,
    },
  );
  expect(read(message({ method: 'session/update', params: { sessionId: 'a"b' } }))).toMatchObject({
    id: null,
    sessionId: 'a"b',
  });
  expect(read(message({ id: 'x', result: { sessionId: 's2' } }))).toMatchObject({
    id: '"x"',
    method: null,
    hasResult: true,
    openedSessionId: 's2',
  });
  expect(read(message({ id: null, error: { code: 1, message: 'no' } }))).toMatchObject({
    id: null,
    hasError: true,
  });
});

test('what is no JSON is -32700, what is no single message is -32600', () => {
  for (const text of [
    '',
    'not json',
    '{',
    '{"jsonrpc":"2.0",',
    '{"a":}',
    '{"a":1}x',
    '{"a":[}',
    '{"id":01}',
    '{a:1}',
  ])
    expect([text, (read(text) as BadMessage).code]).toEqual([text, -32700]);
  for (const text of [
    '[]',
    '[{"jsonrpc":"2.0","method":"a"}]',
    '5',
    '"text"',
    'null',
    '{}',
    '{"jsonrpc":"2.0"}',
    '{"jsonrpc":"1.0","method":"a"}',
    '{"jsonrpc":"2.0","id":{},"method":"a"}',
    '{"jsonrpc":"2.0","id":true,"method":"a"}',
    '{"jsonrpc":"2.0","method":5}',
    '{"jsonrpc":"2.0","id":1,"result":1,"error":1}',
    `{"jsonrpc":"2.0","id":"${'x'.repeat(2000)}","method":"a"}`,
    `{"jsonrpc":"2.0","id":"${'x'.repeat(20_000)}","method":"a"}`,
  ])
    expect([text, (read(text) as BadMessage).code]).toEqual([text, -32600]);
});

test('a message that two readers could read differently is refused', () => {
  for (const text of [
    '{"jsonrpc":"2.0","id":1,"id":2,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"\\u0069d":2,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"ID":2,"result":{}}',
    '{"jsonrpc":"2.0","id":1,"method":"a","result":{}}',
    '{"jsonrpc":"2.0","Method":"a","id":1,"result":{}}',
  ])
    expect([text, (read(text) as BadMessage).code]).toEqual([text, -32600]);
});

test('one id has one key, however it is written', () => {
  expect(idKey('"\\u0061"')).toBe(idKey('"a"'));
  expect(idKey('1e1')).toBe(idKey('10'));
  expect(idKey('1')).not.toBe(idKey('"1"'));
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 80 });
const anyMessage = fc.record(
  {
    id: fc.oneof(fc.integer(), anyText),
    method: anyText,
    params: fc.oneof(fc.jsonValue(), fc.record({ sessionId: anyText, more: fc.jsonValue() })),
    'a key': fc.jsonValue(),
  },
  { requiredKeys: ['method'] },
);

test('whatever a well-formed message holds, its outside is what a parser finds', () => {
  fc.assert(
    fc.property(anyMessage, fc.constantFrom(0, 1, 3), (members, indent) => {
      const text = JSON.stringify({ jsonrpc: '2.0', ...members }, null, indent);
      const found = read(text);
      if (isBad(found)) throw new Error(`${found.message}: ${text}`);
      expect(found.method).toBe(members.method);
      expect(found.id === null ? undefined : JSON.parse(found.id)).toEqual(members.id);
      const params = members.params as { sessionId?: unknown } | null | undefined;
      const inside = typeof params === 'object' && params !== null ? params.sessionId : undefined;
      expect(found.sessionId).toBe(typeof inside === 'string' ? inside : null);
    }),
    { numRuns: 500 },
  );
});

test('what it takes for a message with an id, a parser takes for the same, whatever was changed in it', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyMessage, fc.nat(), fc.nat(255), fc.nat(3), (members, place, byte, cut) => {
      const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...members }));
      const at = place % bytes.length;
      const mutated = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at + cut)]);
      const found = readEnvelope(mutated);
      let parsed: Record<string, unknown> | null = null;
      try {
        parsed = JSON.parse(mutated.toString()) as Record<string, unknown>;
      } catch {
        // Only what stands in nested values and texts is left to the reader behind.
        return;
      }
      if (isBad(found)) return;
      accepted += 1;
      expect(found.method).toBe(parsed['method']);
      expect(found.id === null ? null : JSON.parse(found.id)).toEqual(parsed['id'] ?? null);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
