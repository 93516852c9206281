import { expect, test } from 'vitest';
import golden from '../../contract/fixtures/frames.json' with { type: 'json' };
import { HostState } from '../../contract/host-state.ts';
import { principalName } from './principal-name.ts';

const at = '2026-01-01T00:00:00.000Z';
const state = HostState.parse({
  ...golden.expected.state,
  devices: {
    d1: {
      id: 'd1',
      name: 'Pixel',
      kind: 'phone',
      platform: 'android',
      scope: 'approve',
      fingerprint: 'f',
      state: 'active',
      pairedAt: at,
      lastSeenAt: null,
      connected: true,
    },
  },
});

test.each([
  ['owner:desktop', 'you, in this app'],
  ['owner:cli', 'you, on the command line'],
  ['owner:browser', 'you, in a browser'],
  ['device:d1', '“Pixel”'],
  ['device:constructor', 'device constructor'],
  ['owner:somebody', 'owner:somebody'],
  ['device:gone', 'device gone'],
  ['mcp:local', 'a local MCP client'],
  ['mcp:abcd', 'MCP client abcd'],
  ['task:t1', 'a task'],
  ['agent:demo', 'agent demo'],
  ['host', 'host'],
])('%s is called "%s"', (principal, name) => {
  expect(principalName(principal, state)).toBe(name);
});
