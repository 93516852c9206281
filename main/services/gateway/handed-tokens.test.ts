import { expect, test } from 'vitest';
import type { HostEvent } from '../../../contract/host-state.ts';
import { WorkspaceId } from '../../../contract/ids.ts';
import { openDatabase } from '../../kernel/database.ts';
import { handClock, realRandom } from '../../testing/fake-ports.ts';
import { createTokens } from './tokens.ts';

function bench() {
  const db = openDatabase(':memory:');
  const events: HostEvent[] = [];
  const kept: (string | Uint8Array)[] = [];
  const make = () =>
    createTokens({
      ...{ db, clock: handClock(), random: realRandom, refused: () => {} },
      keepSecret: (value) => void kept.push(value),
      publish: (event) => void events.push(event),
    });
  return { db, events, kept, make, tokens: make() };
}

const facts = {
  agent: 'codex',
  name: 'agent codex, task t1',
  scope: 'write',
  workspaceId: WorkspaceId.parse('w1'),
} as const;

test('a token for an agent opens its workspace, is listed under its name, and is known to the outbound gate', () => {
  const { tokens, kept, events } = bench();
  const { info, token } = tokens.hand(facts);
  expect(tokens.verify('mcp', `Bearer ${token}`)).toMatchObject({ id: info.id, ...facts });
  expect(tokens.verify('acp', `Bearer ${token}`)).toBeNull();
  expect(tokens.verify('mcp', `Bearer ${token}x`)).toBeNull();
  expect(tokens.list('mcp')).toMatchObject([{ ...facts, state: 'active' }]);
  expect(kept).toContain(token);
  expect(events[0]).toMatchObject({ type: 'token.changed', token: { agent: 'codex' } });
  expect(JSON.stringify(events)).not.toContain(token);
});

test('when the work is over it opens nothing, and neither list nor state keeps anything of it', () => {
  const { tokens, events } = bench();
  const { info, token } = tokens.hand(facts);
  expect(tokens.revoke(info.id)).toBe(true);
  expect(tokens.revoke(info.id)).toBe(false);
  expect(tokens.verify('mcp', `Bearer ${token}`)).toBeNull();
  expect(tokens.list()).toEqual([]);
  expect(events.at(-1)).toEqual({ type: 'token.removed', tokenId: info.id });
});

test('it is nowhere on the disk, so that it ends with the host', () => {
  const { db, make, tokens } = bench();
  const { token } = tokens.hand(facts);
  expect(db.all('SELECT * FROM tokens')).toEqual([]);
  expect(make().verify('mcp', `Bearer ${token}`)).toBeNull();
});
