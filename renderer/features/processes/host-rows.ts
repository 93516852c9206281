import type { EndedPart, HostPart } from '../../../contract/figures.ts';
import type { HostState } from '../../../contract/host-state.ts';
import type { TunnelStatus } from '../../../contract/tunnels.ts';
import { hrefOf } from '../../shell/route.ts';
import { en } from '../../texts/en.ts';
import { countdown, when } from '../../ui/format.ts';
import { tunnelMark } from '../../ui/marks.ts';
import type { Mark } from '../../ui/state-mark.tsx';

const t = en.hostParts;

export interface HostRow {
  readonly key: string;
  readonly mark: Mark;
  readonly title: string;
  /** Where it is ruled; null where nowhere. */
  readonly href: string | null;
  /** May hold words that somebody else wrote. */
  readonly notes: readonly string[];
  /** What an agent works on. */
  readonly work: { readonly text: string; readonly href: string } | null;
  readonly startedAt: string | null;
  readonly ports: readonly number[];
  /** What it uses; null for what is inside of the host or not measured. */
  readonly part: HostPart | null;
  /** The part whose output can be read. */
  readonly outputId: string | null;
}

export type HostFacts = Pick<HostState, 'host' | 'listeners' | 'bridge' | 'tokens' | 'remote' | 'tunnel'>;

export interface PartsKnown {
  readonly parts: readonly HostPart[];
  readonly ended: readonly EndedPart[];
}

const running: Mark = { tone: 'ok', icon: 'play', word: t.states.running };
const listening: Mark = { tone: 'ok', icon: 'check', word: t.states.listening };
const silent: Mark = { tone: 'neutral', icon: 'circle', word: t.states.silent };
const plain = { href: null, notes: [], work: null, startedAt: null, ports: [], part: null, outputId: null };

/**
 * What the host runs beside the managed processes: itself, the two doors inside of it, the tunnel, each agent process
 * and the shim. What is off has no row. Pure.
 */
export function hostRows(facts: HostFacts, known: PartsKnown, now: number): HostRow[] {
  return [
    hostRow(facts, known),
    bridgeRow(facts, now),
    ...remoteRow(facts),
    ...tunnelRow(facts.tunnel, known, now),
    ...known.parts.filter(({ kind }) => kind === 'agent').map(agentRow),
    ...known.parts.filter(({ kind }) => kind === 'shim').map(shimRow),
  ];
}

/** Tunnels and agents that have ended, newest first. Pure. */
export function endedRows({ ended }: PartsKnown, now: number): HostRow[] {
  return ended.map((one) => ({
    ...plain,
    key: one.id,
    mark: {
      ...{ tone: one.exitCode === null || one.exitCode === 0 ? 'neutral' : 'warning', icon: 'square' },
      word: t.states.ended,
    },
    title: one.kind === 'agent' ? t.kinds.agent(one.name) : t.kinds[one.kind],
    notes: [t.endedAt(when(one.endedAt, now)), en.processes.exit(one.exitCode, one.signal)],
    work: workOf(one.purpose),
    outputId: one.id,
  }));
}

function hostRow({ host, listeners }: HostFacts, { parts }: PartsKnown): HostRow {
  const part = parts.find(({ kind }) => kind === 'host') ?? null;
  const doors = (Object.keys(t.listener) as (keyof typeof t.listener)[]).flatMap((name) => {
    const port = portOf(listeners[name]);
    return port === null ? [] : [{ name: t.listener[name], port }];
  });
  return {
    ...plain,
    ...{ key: 'host', mark: running, title: t.kinds.host, href: hrefOf('overview'), part },
    notes: [
      [host.name, t.app[host.kind], en.processes.pid(host.pid)].join(' · '),
      ...(doors.length > 0 ? [doors.map(({ name, port }) => `${name} ${port}`).join(', ')] : []),
    ],
    startedAt: host.startedAt,
    ports: portsOf(part) ?? [...new Set(doors.map(({ port }) => port))],
  };
}

function bridgeRow({ bridge, listeners, tokens }: HostFacts, now: number): HostRow {
  const port = portOf(listeners.mcp);
  const active = Object.values(tokens).filter(({ kind, state }) => kind === 'mcp' && state === 'active');
  const [last] = bridge.recentCalls;
  const { tools, write, bash } = bridge.modes;
  const facts = [
    t.modes(tools, write, bash),
    t.tokens(active.length),
    ...(last ? [t.lastCall(when(last.calledAt, now))] : []),
  ];
  return {
    ...plain,
    ...{ key: 'bridge', mark: port === null ? silent : listening },
    ...{ title: t.kinds.bridge, href: hrefOf('bridge') },
    notes: [t.inside, facts.join(' · ')],
    ports: port === null ? [] : [port],
  };
}

function remoteRow({ listeners, remote }: HostFacts): HostRow[] {
  if (remote.agents.length === 0) return [];
  const port = portOf(listeners.acp);
  const facts = [t.serves(remote.agents.join(', ')), t.connections(remote.connections.length)];
  return [
    {
      ...plain,
      ...{ key: 'remote', mark: port === null ? silent : listening },
      ...{ title: t.kinds.remote, href: hrefOf('remote') },
      notes: [t.inside, facts.join(' · ')],
      ports: port === null ? [] : [port],
    },
  ];
}

function tunnelRow(tunnel: TunnelStatus, { ended, parts }: PartsKnown, now: number): HostRow[] {
  const part = parts.find(({ kind }) => kind === 'tunnel') ?? null;
  if (tunnel.state === 'off' && !part) return [];
  const died = tunnel.state === 'failed' ? ended.find(({ kind }) => kind === 'tunnel') : undefined;
  return [
    {
      ...plain,
      ...{ key: 'tunnel', mark: tunnelMark(tunnel.state), title: t.kinds.tunnel, href: hrefOf('tunnels') },
      ...{ notes: tunnelNotes(tunnel, now), part, outputId: part?.id ?? died?.id ?? null },
      startedAt: part?.startedAt ?? ('openedAt' in tunnel ? tunnel.openedAt : null),
      ports: portsOf(part) ?? [],
    },
  ];
}

function tunnelNotes(tunnel: TunnelStatus, now: number): string[] {
  if (tunnel.state === 'off') return [];
  if (tunnel.state === 'failed') return [tunnel.reason];
  const until =
    tunnel.closesAt === null ? t.untilClosed : t.closesIn(countdown(Date.parse(tunnel.closesAt) - now));
  return [
    'url' in tunnel ? `${tunnel.url} · ${until}` : until,
    tunnel.driver === 'quick' ? t.reconnects : t.startsAfresh,
  ];
}

const agentRow = (part: HostPart): HostRow => ({
  ...plain,
  ...{ key: part.id, mark: running, title: t.kinds.agent(part.name), href: hrefOf('agents', part.name) },
  ...{ notes: [madeOf(part), t.agentPolicy], work: workOf(part.purpose), startedAt: part.startedAt },
  ...{ ports: part.ports, part, outputId: part.id },
});

const shimRow = (part: HostPart): HostRow => ({
  ...plain,
  ...{ key: part.id, mark: running, title: t.kinds.shim, notes: [en.processes.pid(part.pid), t.shim] },
  ...{ startedAt: part.startedAt, ports: part.ports, part },
});

const madeOf = ({ pid, processes }: HostPart): string =>
  [en.processes.pid(pid), ...(processes > 1 ? [t.madeOf(processes)] : [])].join(' · ');

/** `task ID` or `remote ID`, as the host labels what an agent is for. */
function workOf(purpose: string): HostRow['work'] {
  const [kind, id] = purpose.split(' ');
  if (kind === 'task' && id !== undefined) return { text: t.forTask, href: hrefOf('tasks', id) };
  return kind === 'remote' ? { text: t.forConnection, href: hrefOf('remote') } : null;
}

const portsOf = (part: HostPart | null): readonly number[] | null =>
  part && part.ports.length > 0 ? part.ports : null;

function portOf(url: string | null): number | null {
  const port = Number(url === null ? '' : new URL(url).port);
  return port > 0 ? port : null;
}
