import { expect, test } from 'vitest';
import { emptyHostState } from '../../../contract/apply-event.ts';
import type { EndedPart, HostPart } from '../../../contract/figures.ts';
import type { TunnelStatus } from '../../../contract/tunnels.ts';
import { sampleState } from '../../test-support/sample-state.ts';
import { endedRows, hostRows } from './host-rows.ts';

const now = Date.parse('2026-05-01T12:00:00Z');
const state = sampleState(now);
const at = (msAgo: number) => new Date(now - msAgo).toISOString();
const part = (kind: HostPart['kind'], more: Partial<HostPart> = {}): HostPart => ({
  ...{ id: `${kind}-1`, kind, name: '', purpose: '', pid: 77, startedAt: at(5000) },
  ...{ processes: 1, ports: [], samples: [] },
  ...more,
});
const ended = (kind: 'tunnel' | 'agent', exitCode: number | null, signal: string | null): EndedPart => ({
  ...{ id: `${kind}-9`, kind, name: kind === 'agent' ? 'demo' : '', purpose: '', pid: 9 },
  ...{ startedAt: at(9000), endedAt: at(1000), exitCode, signal },
});
const nothing = { parts: [], ended: [] };
const titles = (rows: readonly { title: string }[]) => rows.map(({ title }) => title);

test('what is off has no row, and before anything was measured the doors are there', () => {
  const rows = hostRows(emptyHostState, nothing, now);
  expect(rows.map(({ title, mark }) => `${title}: ${mark.word}`)).toEqual([
    ...['Host: Running', 'MCP bridge: Does not listen'],
  ]);
  expect(titles(hostRows(state, nothing, now))).toEqual(['Host', 'MCP bridge', 'ACP remote', 'Tunnel']);
});

test('the host shows the ports that were measured, and those of its listeners until then', () => {
  const [before] = hostRows(state, nothing, now);
  expect(before?.ports).toEqual([4711, 4712, 4713]);
  expect(before?.notes[1]).toBe('MCP 4711, ACP 4712, proxy 4713');
  const [after] = hostRows(state, { ...nothing, parts: [part('host', { ports: [4711, 9229] })] }, now);
  expect(after?.ports).toEqual([4711, 9229]);
});

test('each agent process is a row of its own, with the work that it is for', () => {
  const agents = ['task t_1', 'remote k_1', ''].map((purpose, n) =>
    part('agent', { id: `agent-${n}`, name: 'demo', purpose, processes: n + 1 }),
  );
  const rows = hostRows(emptyHostState, { ...nothing, parts: agents }, now).slice(2);
  expect(titles(rows)).toEqual(['Agent demo', 'Agent demo', 'Agent demo']);
  expect(rows.map(({ work }) => work?.href)).toEqual(['#/tasks/t_1', '#/remote', undefined]);
  expect(rows.map(({ notes }) => notes[0])).toEqual([
    ...['PID 77', 'PID 77 · 2 processes', 'PID 77 · 3 processes'],
  ]);
  expect(rows.map(({ outputId }) => outputId)).toEqual(['agent-0', 'agent-1', 'agent-2']);
});

test('a tunnel says how it comes back and until when, and one that failed why, with its last words', () => {
  const open = { driver: 'named', openedAt: at(60_000), openedBy: 'owner', closesAt: null } as const;
  const row = (tunnel: TunnelStatus, known = nothing) =>
    hostRows({ ...emptyHostState, tunnel }, known, now).find(({ key }) => key === 'tunnel');
  expect(row({ ...open, state: 'ready', url: 'https://a.example/' })?.notes).toEqual([
    'https://a.example/ · open until you close it',
    'Reconnects by itself; after a minute without a way back it is started afresh.',
  ]);
  const starting = row({ ...open, state: 'starting', driver: 'quick', closesAt: at(-3_600_000) });
  expect(starting?.notes[0]).toMatch(/^closes in 1:00:00/);
  expect(starting).toMatchObject({ startedAt: at(60_000), outputId: null, part: null });
  const failed = { state: 'failed', driver: 'quick', reason: 'cloudflared ended', failedAt: at(0) } as const;
  const known = { parts: [], ended: [ended('agent', 0, null), ended('tunnel', 1, null)] };
  expect(hostRows({ ...emptyHostState, tunnel: failed }, known, now).at(-1)).toMatchObject({
    ...{ notes: ['cloudflared ended'], outputId: 'tunnel-9', startedAt: null },
  });
});

test('what has ended says how, and only a bad end is marked', () => {
  const rows = endedRows(
    {
      parts: [],
      ended: [ended('agent', 0, null), ended('tunnel', 1, null), ended('agent', null, 'SIGTERM')],
    },
    now,
  );
  expect(titles(rows)).toEqual(['Agent demo', 'Tunnel', 'Agent demo']);
  expect(rows.map(({ notes }) => notes[1])).toEqual(['exit code 0', 'exit code 1', 'signal SIGTERM']);
  expect(rows.map(({ mark }) => mark.tone)).toEqual(['neutral', 'warning', 'neutral']);
});
