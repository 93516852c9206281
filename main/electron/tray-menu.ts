import type { CommandName, InputOf } from '../../contract/commands.ts';
import type { HostState } from '../../contract/host-state.ts';
import { plainLabel } from './plain-label.ts';
import type { Question, Texts } from './texts.ts';
import { isExposed, pendingApprovals, trayStatus, type PendingApproval } from './tray-status.ts';

/** What a click does. Data, so that a menu can be compared with the one before and looked at in a test. */
export type TrayAction =
  | { readonly kind: 'open'; readonly route: string }
  | {
      readonly kind: 'call';
      readonly name: CommandName;
      readonly input: unknown;
      readonly ask: Question | null;
    }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'start-at-login'; readonly on: boolean }
  | { readonly kind: 'quit' };

export type TrayItem =
  | { readonly kind: 'separator' }
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'submenu'; readonly label: string; readonly items: readonly TrayItem[] }
  | {
      readonly kind: 'item';
      readonly label: string;
      readonly action: TrayAction;
      readonly enabled?: boolean;
      /** Present: one of several (`radio`), or on and off by itself (`checkbox`). */
      readonly mark?: { readonly as: 'radio' | 'checkbox'; readonly checked: boolean };
    };

export interface TrayFacts {
  readonly state: HostState;
  /** Milliseconds since 1970, for what is left of a tunnel's time. */
  readonly now: number;
  readonly startAtLogin: boolean;
}

const SHOWN_APPROVALS = 3;
const SHOWN_PROCESSES = 20;
/** The highest risk that may be answered from a menu, where the action itself cannot be seen. */
const ONE_CLICK_RISK = 1;
const separator = { kind: 'separator' } as const;

const open = (label: string, route: string): TrayItem => ({
  kind: 'item',
  label,
  action: { kind: 'open', route },
});

function call<N extends CommandName>(name: N, input: InputOf<N>, ask: Question | null = null): TrayAction {
  return { kind: 'call', name, input, ask };
}

function radio(label: string, checked: boolean, action: TrayAction, enabled = true): TrayItem {
  return { kind: 'item', label, action, enabled, mark: { as: 'radio', checked } };
}

function copyAddress(address: string | null, texts: Texts): TrayItem {
  const action = { kind: 'copy', text: address ?? '' } as const;
  return { kind: 'item', label: texts.menu.copyAddress, action, enabled: address !== null };
}

/** The whole menu as data. Pure: the same facts give the same menu. */
export function trayMenu(facts: TrayFacts, texts: Texts): readonly TrayItem[] {
  const { state, now, startAtLogin } = facts;
  const { menu } = texts;
  return [
    { kind: 'text', label: trayStatus(state, texts).line },
    ...approvalItems(state, texts),
    separator,
    open(menu.newTask, '#/tasks/_new'),
    processMenu(state, texts),
    tunnelMenu(state, now, texts),
    bashMenu(state, texts),
    bridgeMenu(state, texts),
    remoteMenu(state, texts),
    open(menu.pair, '#/devices'),
    separator,
    modeItem(state, texts),
    { kind: 'item', label: menu.lockDown, action: call('host.lockDown', {}), enabled: !isLocked(state) },
    separator,
    open(menu.open, ''),
    {
      kind: 'item',
      label: menu.startAtLogin,
      action: { kind: 'start-at-login', on: !startAtLogin },
      mark: { as: 'checkbox', checked: startAtLogin },
    },
    { kind: 'item', label: menu.quit, action: { kind: 'quit' } },
  ];
}

function isLocked(state: HostState): boolean {
  return state.host.mode === 'locked-down';
}

function approvalItems(state: HostState, texts: Texts): TrayItem[] {
  const pending = pendingApprovals(state);
  const more = pending.length - SHOWN_APPROVALS;
  return [
    ...pending.slice(0, SHOWN_APPROVALS).map((approval) => approvalMenu(approval, texts)),
    ...(more > 0 ? [open(texts.menu.more(more), '#/approvals')] : []),
  ];
}

function approvalMenu(approval: PendingApproval, texts: Texts): TrayItem {
  const { menu } = texts;
  const { id: approvalId, actionHash, risk } = approval;
  const decide = (label: string, decision: 'allow' | 'deny'): TrayItem => ({
    kind: 'item',
    label,
    action: call('approvals.decide', { approvalId, actionHash, decision }),
  });
  const oneClick = risk <= ONE_CLICK_RISK;
  return {
    kind: 'submenu',
    label: menu.needsYou(texts.risk[risk]),
    items: [
      open(menu.review, `#/approvals/${approvalId}`),
      // Who answers here has to know what: the host's own words for the action, and only where they are harmless.
      ...(oneClick
        ? [
            { kind: 'text', label: plainLabel(approval.title) } as const,
            decide(menu.allowOnce, 'allow'),
            decide(menu.deny, 'deny'),
          ]
        : []),
    ],
  };
}

function processMenu(state: HostState, texts: Texts): TrayItem {
  const { menu } = texts;
  const processes = Object.values(state.processes).sort((a, b) => a.name.localeCompare(b.name));
  const items = processes.slice(0, SHOWN_PROCESSES).map((process): TrayItem => {
    const { name } = process;
    const lives = 'pid' in process;
    const act = (label: string, verb: 'start' | 'stop' | 'restart', enabled: boolean): TrayItem => ({
      kind: 'item',
      label,
      action: call(`supervisor.${verb}`, { name }),
      enabled,
    });
    return {
      kind: 'submenu',
      label: plainLabel(`${name}: ${process.state}`),
      items: [
        act(menu.start, 'start', !lives && !isLocked(state)),
        act(menu.stop, 'stop', lives || process.state === 'backing-off'),
        act(menu.restart, 'restart', lives && !isLocked(state)),
        open(menu.showLog, `#/processes/${name}`),
      ],
    };
  });
  const none: TrayItem = { kind: 'text', label: menu.noProcesses };
  return {
    kind: 'submenu',
    label: menu.processes,
    items: [...(items.length > 0 ? items : [none]), separator, open(menu.allProcesses, '#/processes')],
  };
}

function tunnelMenu(state: HostState, now: number, texts: Texts): TrayItem {
  const { menu } = texts;
  const { tunnel } = state;
  const exposed = isExposed(state);
  const quick = exposed && 'openedAt' in tunnel && tunnel.driver === 'quick';
  const closesAt = 'closesAt' in tunnel ? tunnel.closesAt : null;
  const openQuick = call('tunnels.open', { driver: 'quick' }, texts.ask.tunnelOpen);
  return {
    kind: 'submenu',
    label: menu.tunnel,
    items: [
      radio(menu.tunnelOff, !exposed, call('tunnels.close', {})),
      radio(menu.tunnelQuick, quick, openQuick, !exposed && !isLocked(state)),
      radio(menu.tunnelNamed, exposed && !quick, { kind: 'open', route: '#/tunnels' }),
      separator,
      copyAddress('url' in tunnel ? tunnel.url : null, texts),
      ...(closesAt === null
        ? []
        : [{ kind: 'text', label: menu.closesIn(timeLeft(Date.parse(closesAt) - now, texts)) } as const]),
    ],
  };
}

/** Coarse while it is long, so that a menu that is open is not rebuilt for nothing. */
function timeLeft(ms: number, texts: Texts): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  return minutes >= 120 ? texts.left.hours(Math.round(minutes / 60)) : texts.left.minutes(minutes);
}

function bashMenu(state: HostState, texts: Texts): TrayItem {
  const now = state.bridge.modes.bash;
  const locked = isLocked(state);
  const mode = (bash: typeof now) => {
    const ask = bash === 'full' && now !== 'full' ? texts.ask.bashFull : null;
    return radio(
      texts.menu.bashModes[bash],
      bash === now,
      call('bridge.setModes', { bash }, ask),
      bash === now || !locked,
    );
  };
  return { kind: 'submenu', label: texts.menu.bash, items: [mode('off'), mode('safe'), mode('full')] };
}

function bridgeMenu(state: HostState, texts: Texts): TrayItem {
  const now = state.bridge.modes.write;
  const locked = isLocked(state);
  const mode = (write: typeof now) => {
    const ask = write === 'workspace' && now !== 'workspace' ? texts.ask.writeWorkspace : null;
    return radio(
      texts.menu.writeModes[write],
      write === now,
      call('bridge.setModes', { write }, ask),
      write === now || !locked,
    );
  };
  return {
    kind: 'submenu',
    label: texts.menu.bridge,
    items: [
      copyAddress(state.listeners.mcp, texts),
      separator,
      mode('off'),
      mode('handoff'),
      mode('workspace'),
    ],
  };
}

function remoteMenu(state: HostState, texts: Texts): TrayItem {
  const { menu } = texts;
  const served = state.remote.agents;
  const agents = Object.values(state.agents)
    .filter((agent) => agent.state === 'available' || served.includes(agent.name))
    .sort((a, b) => a.name.localeCompare(b.name));
  const toggles = agents.map(({ name, title }): TrayItem => {
    const checked = served.includes(name);
    const next = checked ? served.filter((other) => other !== name) : [...served, name];
    const label = plainLabel(title === '' ? name : title);
    const action =
      next.length === 0
        ? call('remote.stop', {})
        : call('remote.serve', { agents: next }, checked ? null : texts.ask.remoteServe(label));
    return {
      kind: 'item',
      label,
      action,
      enabled: checked || !isLocked(state),
      mark: { as: 'checkbox', checked },
    };
  });
  return {
    kind: 'submenu',
    label: menu.remote,
    items: [
      { kind: 'item', label: menu.remoteOff, action: call('remote.stop', {}), enabled: served.length > 0 },
      ...(toggles.length > 0 ? toggles : [{ kind: 'text', label: menu.noAgents } as const]),
      separator,
      copyAddress(served.length > 0 ? state.listeners.acp : null, texts),
    ],
  };
}

function modeItem(state: HostState, texts: Texts): TrayItem {
  const { menu } = texts;
  switch (state.host.mode) {
    case 'running':
      return { kind: 'item', label: menu.pause, action: call('host.pause', {}) };
    case 'paused':
      return { kind: 'item', label: menu.resume, action: call('host.resume', {}) };
    case 'locked-down':
      return { kind: 'item', label: menu.unlock, action: call('host.resume', {}, texts.ask.unlock) };
  }
}

/** The menu before there is a host. */
export function startingMenu(texts: Texts): readonly TrayItem[] {
  return [
    { kind: 'text', label: texts.status.starting },
    separator,
    { kind: 'item', label: texts.menu.quit, action: { kind: 'quit' } },
  ];
}
