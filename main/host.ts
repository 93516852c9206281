import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyHostState } from '../contract/apply-event.ts';
import type { HostEvent, HostState } from '../contract/host-state.ts';
import { CHANNEL_VERSION } from '../contract/channel/channel-handshake.ts';
import type { HostMessage } from '../contract/wire.ts';
import { admit } from './admission.ts';
import type { Host, HostPorts } from './host-ports.ts';
import { taskDesk } from './task-desk.ts';
import { tunnelSite } from './tunnel-site.ts';
import { createBrakes } from './brakes.ts';
import { bridgeForAgents, bridgeTestAccess, processesForBridge } from './bridge-doors.ts';
import { hostSteps } from './host-steps.ts';
import { openRoot } from './guard/path-guard.ts';
import { credentialsIn } from './guard/child-env.ts';
import { tighterActions, type OutboundKind } from './guard/outbound-actions.ts';
import { cleanReplies } from './guard/clean-replies.ts';
import { createOutbound } from './guard/outbound.ts';
import { registeredSecrets } from './guard/registered-secrets.ts';
import { createSandbox } from './guard/sandbox.ts';
import type { AuditEntry } from './kernel/auditor.ts';
import { createByteStreams } from './kernel/byte-streams.ts';
import { ownerCaller, type Caller } from './kernel/caller.ts';
import { createCommandLedger } from './kernel/command-ledger.ts';
import { createConnection, type Connection } from './kernel/connection.ts';
import { openDatabase } from './kernel/database.ts';
import { advanceEpoch } from './kernel/epoch.ts';
import { createOnceRouter } from './kernel/idempotency.ts';
import { createInFlight } from './kernel/in-flight.ts';
import { createLifecycle } from './kernel/lifecycle.ts';
import { createProcessGroups } from './kernel/process-groups.ts';
import { REPLAY } from './kernel/replay-log.ts';
import { createReplayAlarm } from './kernel/replay-alarm.ts';
import { createRouter } from './kernel/router.ts';
import type { Backlog } from './kernel/state-feed.ts';
import { createHostStore, type HostStore } from './kernel/store.ts';
import { createAgents } from './services/agents/agents.ts';
import { createApprovals } from './services/approvals/approvals.ts';
import { defaultRules } from './services/approvals/default-rules.ts';
import { createAudit } from './services/audit/audit.ts';
import { createBridge } from './services/bridge/bridge.ts';
import { createControlSocket } from './services/gateway/control-socket.ts';
import { createGateway } from './services/gateway/gateway.ts';
import { createHandoffs } from './services/handoff/handoffs.ts';
import { createPlanWatch } from './services/handoff/plan-watch.ts';
import { createHostService } from './services/host/host-service.ts';
import { createIdentity, secretHash } from './services/identity/identity.ts';
import { createWorkspaces } from './services/identity/workspaces.ts';
import { createPresence } from './services/presence/presence.ts';
import { createRemote } from './services/remote/remote.ts';
import { createSecrets, type Secrets } from './services/secrets/secrets.ts';
import { createSessions } from './services/sessions/sessions.ts';
import { createProcessProxy } from './services/supervisor/proxy.ts';
import { shimConnector } from './services/supervisor/shim-connector.ts';
import { createSupervisor } from './services/supervisor/supervisor.ts';
import { createTasks } from './services/tasks/tasks.ts';
import { createTunnels } from './services/tunnels/tunnels.ts';

/**
 * The composition root. Tray app, headless host and tests differ only in the ports they pass. Services know each
 * other only through the ports that they declare; here they are joined.
 */
export function createHost(ports: HostPorts): Host {
  const { home, config, clock, random, env } = ports;
  let store: HostStore | null = null;
  let held: Secrets | null = null;

  const outbound = createOutbound({
    hmacKey: random.bytes(32),
    tighter: tighterActions(config.value.secrets),
    allowed: (tag, workspaceId) => held?.allowed(tag, workspaceId) ?? false,
    held: (hit, where) => held?.held(hit, where),
  });
  const own = (value: string | Uint8Array) => outbound.addOwn(value);
  const secrets = registeredSecrets(ports.secrets, own);
  const keepKnown = (values: readonly string[]) => values.forEach((value) => outbound.addSecret(value));
  keepKnown(credentialsIn(env));
  const publish = (event: HostEvent) => store?.publish(outbound.value('state', event));
  const sanitize = (kind: OutboundKind) => (text: string) => outbound.text(kind, text).text;
  const log = ports.log(sanitize('log'));
  const db = openDatabase(home.database);
  const epoch = advanceEpoch(db);
  const ledger = createCommandLedger(db);
  const inFlight = createInFlight(clock);
  const groups = createProcessGroups({ db, clock, log });
  const streams = createByteStreams({ redactor: () => outbound.stream() });
  const sandbox = createSandbox();
  const roots = { open: (path: string) => openRoot(path) };

  const auditLog = createAudit({
    folder: home.audit,
    keepDays: config.value.audit.keepDays,
    clock,
    random,
    secrets,
    publish,
    raise: (kind, message) => hostService.raise(kind, message),
  });
  const audit = {
    ...auditLog,
    append: (entry: AuditEntry) => auditLog.append(outbound.value('audit', entry)),
  };
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
    keepSecret: own,
    host: { id: hostService.info().id, name: () => hostService.info().name, mode: hostService.mode },
    addresses: { hosts: () => gateway.hosts(), page: () => gateway.page() },
    publish,
    raise: hostService.raise,
    forgotten: (principal) => approvals.forgetAnswersOf(principal),
    withdrawn: (principal) => void approvals.withdrawOf(principal, 'the device that asked was revoked'),
  });
  const secretBook = createSecrets({ db, clock, audit, raise: hostService.raise });
  held = secretBook;
  const workspaces = createWorkspaces({ db, clock, random, homeRoot: home.root, publish });
  const presence = createPresence({
    db,
    clock,
    random,
    audit,
    publish,
    hostName: () => hostService.info().name,
    devices: identity,
    osPrompt: ports.osPrompt,
    sites: {
      dashboard: () => gateway.listeners().dashboard,
      openDashboard: () => gateway.openDashboard(),
      tunnel: () => tunnelSite(store?.state.tunnel),
    },
    rules: { get: () => config.value.policy.rules },
    keepSecret: own,
  });
  const approvals = createApprovals({
    db,
    clock,
    random,
    audit,
    publish,
    productRules: defaultRules,
    ownRules: {
      get: () => config.value.policy.rules,
      set: (rules) => config.setPolicy(rules),
    },
    workspaces: { folder: (id) => workspaces.byId(id) },
    devices: identity,
    presence,
    host: hostService,
    raise: hostService.raise,
  });
  const supervisor = createSupervisor({
    db,
    clock,
    random,
    log,
    publish,
    audit,
    processGroups: groups,
    hostProcess: { pid: process.pid, startedAt: Date.parse(hostService.info().startedAt) },
    streams,
    shim: shimConnector({
      argv: ports.shimArgv,
      socket: home.shimSocket,
      pipesFolder: join(home.run, 'pipes'),
      env,
      clock,
      log,
    }),
    afterCrash: config.value.processes.afterCrash,
    notice: (message) => {
      hostService.raise('shim-crashed', message);
    },
    logsDir: join(home.logs, 'processes'),
    hostEnv: env,
    hostFolders: [home.root, home.anchors, dirname(home.controlSocket)],
    sanitize: sanitize('output'),
    onSecrets: keepKnown,
    part: (text, from, to) => outbound.part('output', text, from, to),
    ripgrepPath: ports.ripgrepPath,
  });
  const agents = createAgents({
    db,
    publish,
    audit,
    clock,
    processGroups: groups,
    log,
    secrets,
    hostEnv: env,
    builtIn: { demoArgv: ports.demoArgv, version: ports.version },
    runDir: home.run,
    bridge: bridgeForAgents(() => gateway),
    onSecrets: keepKnown,
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
    gate: {
      sanitize: sanitize('timeline'),
      part: (text, from, to) => outbound.part('timeline', text, from, to),
      settled: (text, patient) => outbound.settled(text, patient),
    },
    workspaces: {
      all: workspaces.all,
      byId: workspaces.byId,
      resolve: (ref) => workspaces.resolve(ref, ownerCaller('desktop')),
    },
    ownStores: {
      get: () => config.value.sessions.readOwn,
      set: (stores) => config.set(['sessions', 'readOwn'], stores),
    },
    hostEnv: env,
    live: {
      setMode: (...asked) => tasks.live.setMode(...asked),
      setOption: (...asked) => tasks.live.setOption(...asked),
      cancel: (id) => tasks.live.cancel(id),
      close: (id) => tasks.live.close(id),
    },
  });
  const tasks = createTasks({
    db,
    publish(event) {
      publish(event);
      handoffs.heed(event);
    },
    clock,
    random,
    audit,
    log,
    agents,
    sessions,
    workspaces: { resolve: (ref) => workspaces.resolve(ref, ownerCaller('desktop')), byId: workspaces.byId },
    approver: approvals,
    roots,
    sandbox,
    groups,
    settings: () => config.value.tasks,
    predefined: { actions: () => config.value.actions, logSources: () => config.value.logSources },
    hostEnv: env,
    scratchDir: join(home.run, 'task-trees'),
    redactor: () => outbound.stream(),
    sanitize: sanitize('timeline'),
    sanitizeDiff: sanitize('diff'),
    part: (text, from, to) => outbound.part('output', text, from, to),
  });
  const handoffs = createHandoffs({
    db,
    clock,
    random,
    audit,
    log,
    tasks: taskDesk(tasks),
    agents,
    workspaces,
    roots,
    approver: approvals,
    groups,
    watchPlan: createPlanWatch(clock),
    hostEnv: env,
    hostEpoch: epoch,
    hostPid: process.pid,
    redactor: () => outbound.stream(),
    sanitize: sanitize('timeline'),
    keepSecret: own,
  });
  const remote = createRemote({
    agents,
    publish,
    clock,
    random,
    audit,
    log,
    approver: approvals,
    roots,
    folders: { workspaces: () => workspaces.all() },
    sanitize: sanitize('timeline'),
    // Nobody has named a folder yet; where there is one workspace only, that is where the work will be.
    cwd() {
      const [only, ...others] = workspaces.all();
      return only && others.length === 0 ? only.path : home.run;
    },
    version: ports.version,
    limits: () => config.value.remote,
    permissions: () => config.value.remote.permissions,
    rules: approvals,
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
    processes: processesForBridge(supervisor),
    testAccess: bridgeTestAccess(() => gateway),
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
    keepSecret: own,
    hasToken: () => gateway.tokens.list().some((token) => token.state === 'active'),
    logFile: {
      write: (text) => appendFileSync(join(home.logs, 'tunnel.log'), sanitize('log')(text), { mode: 0o600 }),
    },
  });

  const handlers = {
    ...hostService.handlers,
    ...audit.handlers,
    ...identity.handlers,
    ...workspaces.handlers,
    ...approvals.handlers,
    ...presence.handlers,
    ...supervisor.handlers,
    ...agents.handlers,
    ...sessions.handlers,
    ...tasks.handlers,
    ...handoffs.handlers,
    ...remote.handlers,
    ...bridge.handlers,
    ...tunnels.handlers,
    ...secretBook.handlers,
  };
  const gateway = createGateway({
    db,
    clock,
    random,
    log,
    audit,
    publish,
    ports: config.value.listeners,
    headless: ports.kind === 'headless',
    sites: ports.sites,
    identity,
    hashSecret: secretHash,
    keepSecret: own,
    door: {
      call: (caller, name, input) => router(caller, name, input),
      connect: (caller, send, backlog) => connect(caller, send, backlog),
      welcome: (caller) => ({
        type: 'welcome',
        hostId: hostService.info().id,
        hostName: hostService.info().name,
        epoch,
        counter: ledger.highWater(caller.principal),
        minVersion: CHANNEL_VERSION,
      }),
    },
    workspaces,
    mcp: {
      handle: bridge.mcpHttp.handle,
      closeCaller: (principal) => {
        void bridge.closeCaller(principal);
        void approvals.withdrawOf(principal, 'its token is not let in any more');
      },
    },
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
    handoffs,
    supervisor,
    tunnels,
    remote,
    bridge,
    clients: () => ['mcp:local', ...gateway.tokens.list('mcp').map((token) => `mcp:${token.id}`)],
    identity,
    log,
  });

  const plainRouter = createRouter({
    handlers: { ...handlers, ...gateway.handlers },
    admit(caller, name, spec) {
      identity.assertCurrent(caller);
      admit(hostService.mode(), caller, name, spec);
    },
    record: ({ type, actor, name, code }) =>
      audit.append({ actor, type, object: name, ...(code !== undefined && { facts: { code } }) }),
    log,
    newErrorId: () => random.id().slice(0, 8),
  });
  const router = cleanReplies(plainRouter, outbound);
  const call = createOnceRouter({
    router,
    ledger,
    replayed: createReplayAlarm({ clock, audit, raise: hostService.raise }),
    log,
    begun: inFlight.add,
  });
  const hostStore = createHostStore({
    initial: outbound.value('state', initialState()),
    // The random part tells this start from one of the same number on a copy of the state.
    epoch: `${epoch}.${random.id()}`,
    replay: REPLAY,
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
      passkeys: byId(presence.passkeys()),
      audit: audit.status(),
    };
  }

  function connect(caller: Caller, send: (message: HostMessage) => void, backlog?: Backlog): Connection {
    return createConnection({ caller, call, store: hostStore, streams, send, backlog });
  }

  const lifecycle = createLifecycle(
    hostSteps({
      ...{ home, epoch, random, log, db, secrets, outbound, secretBook, groups, publish },
      ...{ audit, host: hostService, version: ports.version, inFlight, gateway, control },
      ...{ approvals, supervisor, agents, sessions, tasks, handoffs, remote, bridge, tunnels, identity },
    }),
    log,
  );

  return {
    ...{ call, store: hostStore, connect, start: lifecycle.start, stop: lifecycle.stop },
    cleanCrash: sanitize('crash'),
  };
}

function byId<T extends { id: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}
