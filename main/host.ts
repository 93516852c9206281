import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHostState } from '../contract/apply-event.ts';
import type { HostEvent, HostState } from '../contract/host-state.ts';
import type { HostMessage } from '../contract/wire.ts';
import { admit } from './admission.ts';
import { createBrakes } from './brakes.ts';
import { openRoot } from './guard/path-guard.ts';
import { createOutbound } from './guard/outbound.ts';
import { createSandbox } from './guard/sandbox.ts';
import { createByteStreams } from './kernel/byte-streams.ts';
import { ownerCaller, type Caller } from './kernel/caller.ts';
import type { ConfigFile } from './kernel/config.ts';
import { createConnection, type Connection } from './kernel/connection.ts';
import { openDatabase } from './kernel/database.ts';
import type { Home } from './kernel/home.ts';
import { createOnceRouter, type OnceRouter } from './kernel/idempotency.ts';
import { createLifecycle } from './kernel/lifecycle.ts';
import type { Clock, Log, RandomSource, SecretStore } from './kernel/ports.ts';
import { createProcessGroups } from './kernel/process-groups.ts';
import { createRouter } from './kernel/router.ts';
import { createHostStore, type HostStore } from './kernel/store.ts';
import { createAgents } from './services/agents/agents.ts';
import { createApprovals } from './services/approvals/approvals.ts';
import { defaultRules } from './services/approvals/default-rules.ts';
import { createAudit } from './services/audit/audit.ts';
import { createBridge } from './services/bridge/bridge.ts';
import { createControlSocket } from './services/gateway/control-socket.ts';
import { createGateway } from './services/gateway/gateway.ts';
import { createHostService } from './services/host/host-service.ts';
import type { Doctor } from './services/host/ports.ts';
import { createIdentity, secretHash } from './services/identity/identity.ts';
import { createWorkspaces } from './services/identity/workspaces.ts';
import { createRemote } from './services/remote/remote.ts';
import { createSessions } from './services/sessions/sessions.ts';
import { createProcessProxy } from './services/supervisor/proxy.ts';
import { createSupervisor } from './services/supervisor/supervisor.ts';
import { createTasks } from './services/tasks/tasks.ts';
import { createTunnels } from './services/tunnels/tunnels.ts';

const REPLAY_EVENTS = 1024;
const APPROVALS_AT_START = 100;

export interface HostPorts {
  readonly home: Home;
  readonly config: ConfigFile;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly secrets: SecretStore;
  /** Made with the outbound gate of this host, so that no line is written around it. */
  log(sanitize: (text: string) => string): Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kind: 'tray' | 'headless';
  readonly name: string;
  readonly version: string;
  readonly sites: { dashboard: string; companion: string };
  /** How the built-in agent is started. */
  readonly demoArgv: readonly string[];
  ripgrepPath(): string;
  readonly doctor: Doctor;
}

export interface Host {
  readonly call: OnceRouter;
  readonly store: HostStore;
  /** One client on one carrier. */
  connect(caller: Caller, send: (message: HostMessage) => void): Connection;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The composition root. Tray app, headless host and tests differ only in the ports they pass. Services know each
 * other only through the ports that they declare; here they are joined.
 */
export function createHost(ports: HostPorts): Host {
  const { home, config, clock, random, secrets, env } = ports;
  let store: HostStore | null = null;
  const publish = (event: HostEvent) => store?.publish(event);

  const outbound = createOutbound({ hmacKey: random.bytes(32) });
  const sanitize = (text: string) => outbound.text('log', text).text;
  const log = ports.log(sanitize);
  const db = openDatabase(home.database);
  const groups = createProcessGroups({ db, clock, log });
  const streams = createByteStreams({ redactor: () => outbound.stream() });
  const sandbox = createSandbox();
  const roots = { open: (path: string) => openRoot(path) };

  const audit = createAudit({
    folder: home.audit,
    clock,
    random,
    secrets,
    publish,
    raise: (kind, message) => hostService.raise(kind, message),
  });
  const hostService = createHostService({
    db,
    clock,
    random,
    audit,
    publish,
    facts: {
      name: config.value.name ?? ports.name,
      version: ports.version,
      platform: process.platform,
      kind: ports.kind,
      pid: process.pid,
    },
    brakes: {
      pauseTasks: () => tasks.pause(),
      resumeTasks: () => tasks.resume(),
      lockDown: (by) => brakes.lockDown(by),
    },
    doctor: ports.doctor,
  });
  const identity = createIdentity({
    db,
    clock,
    random,
    audit,
    secrets,
    host: { id: hostService.info().id, name: () => hostService.info().name, mode: hostService.mode },
    addresses: { hosts: () => gateway.hosts(), page: () => gateway.page() },
    publish,
    raise: hostService.raise,
    forgotten: (principal) => approvals.revokeGrantsOf(principal),
  });
  const workspaces = createWorkspaces({ db, clock, random, homeRoot: home.root, publish });
  const approvals = createApprovals({
    db,
    clock,
    random,
    audit,
    publish,
    rules: () => [...defaultRules, ...config.value.policy.rules],
    devices: identity,
    host: hostService,
  });
  const supervisor = createSupervisor({
    db,
    clock,
    random,
    log,
    publish,
    audit,
    processGroups: groups,
    streams,
    logsDir: join(home.logs, 'processes'),
    hostEnv: env,
    sanitize,
  });
  const agents = createAgents({
    db,
    publish,
    audit,
    processGroups: groups,
    log,
    hostEnv: env,
    builtIn: { demoArgv: ports.demoArgv },
    onSecrets: (values) => values.forEach((value) => outbound.addSecret(value)),
  });
  const sessions = createSessions({
    db,
    publish,
    clock,
    random,
    streams,
    timelinesDir: home.timelines,
    audit,
    log,
    sanitize,
  });
  const tasks = createTasks({
    db,
    publish,
    clock,
    random,
    audit,
    log,
    agents,
    sessions,
    workspaces: { resolve: (ref) => workspaces.resolve(ref, ownerCaller('desktop')), byId: workspaces.byId },
    approver: approvals,
    roots,
    sanitize,
  });
  const remote = createRemote({
    agents,
    publish,
    clock,
    random,
    audit,
    log,
    cwd: home.run,
    exposed: () => config.value.remote.agents,
    setExposed: (names) => config.set(['remote', 'agents'], names),
  });
  const bridge = createBridge({
    workspaces,
    approver: approvals,
    audit,
    modes: {
      get: () => config.value.bridge,
      set(patch) {
        for (const [key, value] of Object.entries(patch)) config.set(['bridge', key], value);
        return config.value.bridge;
      },
    },
    outbound,
    sandbox,
    groups,
    testAccess: {
      mintTestToken: async () => {
        const facts = {
          kind: 'mcp',
          name: 'self-test',
          scope: 'read',
          workspaceId: null,
          expiresAt: null,
        } as const;
        const { info, token } = gateway.tokens.create(facts);
        return { token, revoke: async () => void gateway.tokens.revoke(info.id) };
      },
      mcpUrl: () => gateway.listeners().mcp,
    },
    call: (caller, name, input) => router(caller, name, input),
    publish,
    clock,
    random,
    log,
    ripgrepPath: ports.ripgrepPath,
    version: ports.version,
  });
  const tunnels = createTunnels({
    publish,
    clock,
    random,
    log,
    audit,
    processGroups: groups,
    binDir: home.bin,
    runDir: home.run,
    configBinary: config.value.tunnel.binary,
    hostEnv: env,
    edgeUrl: () => gateway.edgeUrl(),
    hasToken: () => gateway.tokens.list().some((token) => token.state === 'active'),
    logFile: {
      write: (text) => appendFileSync(join(home.logs, 'tunnel.log'), sanitize(text), { mode: 0o600 }),
    },
  });

  const handlers = {
    ...hostService.handlers,
    ...audit.handlers,
    ...identity.handlers,
    ...workspaces.handlers,
    ...approvals.handlers,
    ...supervisor.handlers,
    ...agents.handlers,
    ...sessions.handlers,
    ...tasks.handlers,
    ...remote.handlers,
    ...bridge.handlers,
    ...tunnels.handlers,
  };
  const gateway = createGateway({
    db,
    clock,
    random,
    log,
    publish,
    ports: config.value.listeners,
    headless: ports.kind === 'headless',
    sites: ports.sites,
    identity,
    hashSecret: secretHash,
    door: {
      call: (caller, name, input) => router(caller, name, input),
      connect: (caller, send) => connect(caller, send),
    },
    workspaces,
    mcp: { handle: bridge.mcpHttp.handle, closeCaller: (principal) => void bridge.closeCaller(principal) },
    acp: {
      handleRequest: remote.handleRequest,
      handleUpgrade: remote.handleUpgrade,
      closePrincipal: (principal) => void remote.closePrincipal(principal),
      isOn: () => hostService.mode() !== 'locked-down' && config.value.remote.agents.length > 0,
    },
    proxy: createProcessProxy({ portOf: supervisor.portOf, log }),
  });
  const control = createControlSocket({
    path: home.controlSocket,
    announcement: home.controlSocketFile,
    door: {
      call: (caller, name, input) => router(caller, name, input),
      connect: (caller, send) => connect(caller, send),
    },
    workspaces,
    host: { id: hostService.info().id, version: ports.version, pid: process.pid },
    log,
  });
  const brakes = createBrakes({
    approvals,
    tasks,
    supervisor,
    tunnels,
    remote,
    bridge,
    clients: () => ['mcp:local', ...gateway.tokens.list('mcp').map((token) => `mcp:${token.id}`)],
    identity,
    log,
  });

  const router = createRouter({
    handlers: { ...handlers, ...gateway.handlers },
    admit: (caller, name, spec) => admit(hostService.mode(), caller, name, spec),
    record: ({ type, actor, name, code }) =>
      audit.append({ actor, type, object: name, ...(code !== undefined && { facts: { code } }) }),
    log,
    newErrorId: () => random.id().slice(0, 8),
  });
  const call = createOnceRouter({ router, db, clock });
  const hostStore = createHostStore({
    initial: initialState(),
    epoch: random.id(),
    replayLimit: REPLAY_EVENTS,
  });
  store = hostStore;

  function initialState(): HostState {
    return {
      ...emptyHostState,
      host: hostService.info(),
      workspaces: byId(workspaces.all()),
      bridge: { modes: config.value.bridge, recentCalls: [] },
      tokens: byId(gateway.tokens.list()),
      devices: byId(identity.devices()),
      audit: audit.status(),
    };
  }

  function connect(caller: Caller, send: (message: HostMessage) => void): Connection {
    return createConnection({ caller, call, store: hostStore, streams, send });
  }

  const lifecycle = createLifecycle(
    [
      { name: 'database', stop: () => db.close() },
      { name: 'audit', start: () => audit.start(), stop: () => audit.stop() },
      { name: 'children', start: () => void groups.reapLeftovers(), stop: () => groups.stopAll() },
      { name: 'approvals', start: () => approvals.start(APPROVALS_AT_START), stop: () => approvals.stop() },
      { name: 'supervisor', start: startSupervisor, stop: () => supervisor.stop() },
      { name: 'agents', start: () => void agents.start() },
      { name: 'sessions', start: () => sessions.start(), stop: () => sessions.stop() },
      {
        name: 'tasks',
        start: () => tasks.start({ paused: hostService.mode() !== 'running' }),
        stop: () => tasks.stop(),
      },
      { name: 'remote', start: () => remote.start(), stop: () => remote.stop() },
      { name: 'bridge', stop: () => bridge.stop() },
      {
        name: 'tunnels',
        start: () => void tunnels.onHostname(gateway.setPublicHost),
        stop: () => tunnels.stop(),
      },
      { name: 'gateway', start: () => gateway.start(), stop: () => gateway.stop() },
      { name: 'control', start: () => control.start(), stop: () => control.stop() },
      { name: 'record', start: () => note('host.started'), stop: () => note('host.stopped') },
    ],
    log,
  );

  function startSupervisor(): void {
    supervisor.start();
    for (const process of supervisor.snapshot()) publish({ type: 'process.changed', process });
  }

  function note(type: string): Promise<void> {
    return audit.append({
      actor: 'host',
      type,
      object: hostService.info().id,
      facts: { version: ports.version },
    });
  }

  return { call, store: hostStore, connect, start: lifecycle.start, stop: lifecycle.stop };
}

function byId<T extends { id: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}
