import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { DoctorCheck } from '../../../contract/host.ts';
import type { HostState } from '../../../contract/host-state.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { facts, plainLine, table } from '../plain-text.ts';
import { partsDocument, partsText } from './host-parts.ts';
import { PROCESS_COLUMNS, processRows, withoutEnvironment } from './processes.ts';
import { tunnelText } from './tunnel.ts';

/** `serve`, `status`, `doctor`, and the brakes. */
export function addHostVerbs(program: Command, { verb }: Verbs): void {
  verb<{ port?: string }>(program, 'serve', 'run the host without a display', serve, (command) =>
    command.option('--port <n>', 'port of the dashboard on 127.0.0.1; 0 or none takes a free one'),
  );
  verb(program, 'status', 'everything at a glance', async (cli) => {
    const state = await cli.snapshot();
    const { parts } = await cli.call('supervisor.figures', {});
    const document = { ...statusDocument(state), parts: partsDocument(parts) };
    cli.answer(document, `${statusText(state)}\n\n${partsText(parts)}`);
  });
  verb(program, 'doctor', 'what is missing or unsafe here, and the command that mends it', async (cli) => {
    const checks = await examine(cli);
    cli.answer({ checks }, doctorText(checks));
  });
  const brake = (name: string, summary: string, command: 'host.pause' | 'host.resume' | 'host.lockDown') =>
    verb(program, name, summary, async (cli) => {
      await cli.call(command, {});
      const { host } = await cli.snapshot();
      cli.answer(host, `the host is ${host.mode}`);
    });
  brake('pause', 'stop giving agents new work; what runs goes on', 'host.pause');
  brake('resume', 'give agents work again, after a pause or a lock-down', 'host.resume');
  brake('lockdown', 'everything off: agents, tunnels, pending approvals, device sessions', 'host.lockDown');
}

async function serve(cli: Cli, _args: readonly string[], { port }: { port?: string }): Promise<number> {
  const dashboardPort = port === undefined ? undefined : parseWhole('--port', port, 0, 65_535);
  keepNurserySmall();
  const { runHeadless } = await import('../../headless.ts');
  const root = await cli.home();
  return runHeadless({ root, json: cli.json, ...(dashboardPort !== undefined && { dashboardPort }) });
}

/**
 * Loading a program lets V8 grow its young generation to sixteen times the size that a host then needs, and for good.
 * The flag counts from here on: a collection leaves the size as it is.
 */
function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

async function examine(cli: Cli): Promise<DoctorCheck[]> {
  try {
    return (await cli.call('host.doctor', {})).checks;
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== Exit.noHost) throw error;
    cli.note('no host is running: these are the checks that need none');
    const [{ runDoctor }, { homeLayout }, { agentLookup }] = await Promise.all([
      import('../../kernel/doctor.ts'),
      import('../../kernel/home.ts'),
      import('../../services/agents/known-agents.ts'),
    ]);
    return runDoctor(homeLayout(await cli.home()), agentLookup);
  }
}

const MARKS: Record<DoctorCheck['state'], string> = {
  ok: 'ok',
  warning: 'warning',
  missing: 'MISSING',
  unsafe: 'UNSAFE',
};

function doctorText(checks: readonly DoctorCheck[]): string {
  return checks
    .map(({ id, state, summary, fix }) => {
      const line = `${MARKS[state].padEnd(8)} ${id.padEnd(12)} ${plainLine(summary, 300)}`;
      return fix === null ? line : `${line}\n${' '.repeat(22)}mend: ${plainLine(fix, 300)}`;
    })
    .join('\n');
}

/** The snapshot as documented: a list for each noun, nothing that is secret. */
function statusDocument(state: HostState) {
  return {
    host: state.host,
    listeners: state.listeners,
    alerts: state.alerts,
    processes: Object.values(state.processes).map(withoutEnvironment),
    tunnel: state.tunnel,
    bridge: state.bridge,
    remote: state.remote,
    workspaces: Object.values(state.workspaces),
    agents: Object.values(state.agents),
    tasks: Object.values(state.tasks),
    approvals: Object.values(state.approvals).filter(({ state: at }) => at === 'pending'),
    devices: Object.values(state.devices),
    audit: state.audit,
  };
}

function statusText(state: HostState): string {
  const { host, bridge, remote, audit } = state;
  const agents = Object.values(state.agents).filter((agent) => agent.state === 'available');
  const running = Object.values(state.tasks).filter((task) =>
    ['queued', 'running', 'waiting'].includes(task.state),
  );
  const pending = Object.values(state.approvals).filter((approval) => approval.state === 'pending');
  const devices = Object.values(state.devices).filter((device) => device.state === 'active');
  const head = facts([
    ['host', `${host.name}, ${host.kind}, ${host.mode}, pid ${host.pid}, version ${host.version}`],
    ['dashboard', state.listeners.dashboard ?? 'in the app'],
    ['bridge', `tools ${bridge.modes.tools}, write ${bridge.modes.write}, bash ${bridge.modes.bash}`],
    ['tunnel', tunnelText(state.tunnel)],
    [
      'remote',
      remote.agents.length === 0
        ? 'off'
        : `serves ${remote.agents.join(', ')}; ${remote.connections.length} connected`,
    ],
    ['agents', agents.map((agent) => agent.name).join(', ') || 'none'],
    ['tasks', `${running.length} not finished`],
    [
      'approvals',
      pending.length === 0 ? 'none pending' : `${pending.length} pending: signalbox approvals list`,
    ],
    ['devices', devices.map((device) => device.name).join(', ') || 'none: signalbox pair'],
    ['audit', `${audit.records} records${audit.state === 'ok' ? '' : `, ${audit.state}`}`],
  ]);
  const alerts = state.alerts.map((alert) => `${alert.severity}: ${plainLine(alert.message, 300)}`);
  const processes = processRows(Object.values(state.processes));
  return [
    head,
    ...(processes.length === 0 ? [] : ['', table(PROCESS_COLUMNS, processes)]),
    ...(alerts.length === 0 ? [] : ['', ...alerts]),
  ].join('\n');
}
