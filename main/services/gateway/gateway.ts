import { HostError } from '../../../contract/errors.ts';
import type { Listeners } from '../../../contract/host.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { TokenId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Config } from '../../kernel/config.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { KeepSecret, Clock, Log, RandomSource } from '../../kernel/ports.ts';
import { addAcpRoutes } from './acp-routes.ts';
import { addDashboardRoutes } from './dashboard-routes.ts';
import { createDeviceChannel } from './device-channel.ts';
import { createListener, type Listener } from './http-listener.ts';
import { addMcpRoutes } from './mcp-routes.ts';
import type {
  AcpEndpoint,
  BrowserIdentity,
  DeviceDoor,
  DeviceIdentity,
  McpEndpoint,
  ProcessProxy,
  Workspaces,
} from './ports.ts';
import { createPortBook } from './port-book.ts';
import { startProxyListener } from './proxy-listener.ts';
import { createRefusals } from './refusals.ts';
import { COMPANION_CSP, DASHBOARD_CSP, serveSite } from './static-site.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface GatewayDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  log: Log;
  audit: Auditor;
  publish(event: HostEvent): void;
  ports: Config['listeners'];
  /** The dashboard listener exists only where there is no window. */
  headless: boolean;
  sites: { dashboard: string; companion: string };
  identity: DeviceIdentity & BrowserIdentity;
  hashSecret(secret: string): string;
  keepSecret?: KeepSecret;
  door: DeviceDoor;
  workspaces: Workspaces;
  mcp: McpEndpoint;
  acp: AcpEndpoint;
  proxy: ProcessProxy;
}

export interface Gateway {
  readonly handlers: HandlersOf<'gateway'>;
  readonly tokens: Tokens;
  /** Ends a token and what is open under it; false when there is none that opens anything. */
  withdraw(id: TokenId): boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  listeners(): Listeners;
  /** Where a tunnel points: the only listener that is meant for the outside. Opened at first use. */
  edgeUrl(): Promise<string>;
  /** The public name that the edge answers to now; null closes it to everybody. */
  setPublicHost(host: string | null): void;
  /** Serves the dashboard to browsers of this machine, if it is not yet, and gives its address. */
  openDashboard(): Promise<string>;
  /** Addresses for the pairing text. */
  hosts(): readonly string[];
  page(): string;
}

/** Addresses of processes are typed by people: where nothing else is said, the proxy has one of these. */
const PROXY_PORTS = [9090, 9190] as const;

/** All listeners, each on a port of its own on 127.0.0.1, and the tokens that open them. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { db, clock, random, log, publish, ports, headless, sites, identity, door, workspaces } = deps;
  const refusals = createRefusals({ audit: deps.audit, clock });
  const refused = (kind: string) => refusals.note('token.refused', kind);
  const acpRefused = (why: string) => refusals.note('acp.refused', why);
  const tokens = createTokens({ db, clock, random, publish, refused, keepSecret: deps.keepSecret });
  const book = createPortBook(db);
  const channel = createDeviceChannel({
    ...{ identity, door, clock, random, log },
    refused: () => refusals.note('device.refused', 'e2e'),
  });
  const open: { close(): Promise<void> | void }[] = [];
  const urls: Listeners = { dashboard: null, mcp: null, acp: null, companion: null, proxy: null };
  let publicHost: string | null = null;
  let edge: Promise<string> | null = null;
  let dashboard: Promise<string> | null = null;

  const local = () => ({ hosts: null, scheme: 'http', local: true }) as const;

  async function serve(listener: Listener, name: keyof Config['listeners'] | 'edge'): Promise<string> {
    open.push(listener);
    const wanted = name === 'edge' ? 0 : ports[name];
    return `http://127.0.0.1:${await book.listen(name, wanted, listener.listen)}`;
  }

  function addCompanion(listener: Listener): void {
    listener.onUpgrade((req, socket, head) => {
      if (req.url !== '/e2e') return false;
      channel.handleUpgrade(req, socket, head);
      return true;
    });
    serveSite(listener, {
      folder: sites.companion,
      csp: COMPANION_CSP,
      permissions: 'camera=(self), microphone=(), geolocation=()',
    });
  }

  async function startDashboard(): Promise<string> {
    const listener = createListener(local, log);
    const routes = addDashboardRoutes(listener, {
      browsers: identity,
      door,
      random,
      hash: deps.hashSecret,
      keepSecret: deps.keepSecret,
      refused: () => refusals.note('browser.refused', 'dashboard'),
    });
    open.push({ close: () => routes.stop() });
    serveSite(listener, {
      folder: sites.dashboard,
      csp: DASHBOARD_CSP,
      permissions: 'camera=(), microphone=(), geolocation=()',
    });
    return serve(listener, 'dashboard');
  }

  function openDashboard(): Promise<string> {
    dashboard ??= startDashboard().then((url) => {
      urls.dashboard = url;
      publish({ type: 'listeners.changed', listeners: { ...urls } });
      return url;
    });
    return dashboard;
  }

  async function startCompanion(): Promise<string> {
    const listener = createListener(local, log);
    addCompanion(listener);
    return serve(listener, 'companion');
  }

  function startMcp(): Promise<string> {
    const listener = createListener(local, log);
    addMcpRoutes(listener, { tokens, mcp: deps.mcp });
    return serve(listener, 'mcp');
  }

  function startAcp(): Promise<string> {
    const listener = createListener(local, log);
    addAcpRoutes(listener, { tokens, acp: deps.acp, refused: acpRefused });
    return serve(listener, 'acp');
  }

  async function startEdge(): Promise<string> {
    const expected = () =>
      ({ hosts: publicHost === null ? [] : [publicHost], scheme: 'https', local: false }) as const;
    const listener = createListener(expected, log);
    addMcpRoutes(listener, { tokens, mcp: deps.mcp });
    addAcpRoutes(listener, { tokens, acp: deps.acp, refused: acpRefused });
    addCompanion(listener);
    return serve(listener, 'edge');
  }

  function withdraw(id: TokenId): boolean {
    if (!tokens.revoke(id)) return false;
    deps.mcp.closeCaller(`mcp:${id}`);
    deps.acp.closePrincipal(`acp:${id}`);
    return true;
  }

  return {
    tokens,
    withdraw,
    listeners: () => ({ ...urls }),
    async start() {
      const [, mcp, acp, companion, proxy] = await Promise.all([
        headless ? openDashboard() : null,
        startMcp(),
        startAcp(),
        startCompanion(),
        startProxyListener(
          deps.proxy,
          (listen) => book.listen('proxy', ports.proxy, listen, PROXY_PORTS),
          (close) => open.push({ close }),
        ),
      ]);
      Object.assign(urls, {
        mcp: `${mcp}/mcp`,
        acp: `${acp.replace('http', 'ws')}/acp`,
        companion,
        proxy,
      });
      publish({ type: 'listeners.changed', listeners: { ...urls } });
    },
    async stop() {
      await channel.stop();
      await Promise.all(open.map(async (listener) => listener.close()));
    },
    openDashboard,
    edgeUrl: () => (edge ??= startEdge()),
    setPublicHost(host) {
      publicHost = host;
    },
    hosts() {
      const companion = new URL(urls.companion ?? 'http://127.0.0.1').host;
      return publicHost === null ? [companion] : [publicHost, companion];
    },
    page: () =>
      publicHost === null ? `${urls.companion ?? 'http://127.0.0.1'}/p` : `https://${publicHost}/p`,
    handlers: {
      'gateway.createToken': ({ kind, name, scope, workspace, expiresAt }, caller) =>
        tokens.create({
          kind,
          name,
          scope,
          workspaceId: workspace === undefined ? null : workspaces.resolve(workspace, caller).id,
          expiresAt: expiresAt ?? null,
        }),
      'gateway.listTokens': ({ kind }) => ({ tokens: tokens.list(kind) }),
      'gateway.revokeToken': ({ tokenId }) => {
        if (!withdraw(tokenId)) throw new HostError('not_found', `there is no active token ${tokenId}`);
        return {};
      },
    },
  };
}
