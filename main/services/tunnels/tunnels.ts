import { HostError } from '../../../contract/errors.ts';
import type { ParsedInputOf } from '../../../contract/commands.ts';
import type { TunnelDriver, TunnelStatus } from '../../../contract/tunnels.ts';
import type { AuditEntry } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant } from '../../kernel/ports.ts';
import { findCloudflared } from './cloudflared-binary.ts';
import { createHostnameAnnouncer, type HostnameListener } from './hostname-announcer.ts';
import { announcedHostname } from './metrics.ts';
import type { TunnelsDeps } from './ports.ts';
import { createRateLimit } from './rate-limit.ts';
import { tunnelArguments, tunnelEnvironment, type TunnelPlan } from './tunnel-arguments.ts';
import { quickHostname } from './tunnel-hostname.ts';
import { planTunnel } from './tunnel-plan.ts';
import { startTunnelRun, type TunnelEnd, type TunnelRun } from './tunnel-run.ts';

/** Slow name servers alone may cost a minute. */
const START_TIMEOUT_MS = 120_000;
/** A tunnel with a name of its own is started afresh when it found no way back for so long. */
const REVIVE_AFTER_MS = 60_000;
const LONGEST_REVIVE_MS = 600_000;
export interface Tunnels {
  readonly handlers: HandlersOf<'tunnels'>;
  stop(): Promise<void>;
  snapshot(): TunnelStatus;
  /** @returns ends the subscription */
  onHostname(listener: HostnameListener): () => void;
}

interface Opening {
  readonly driver: TunnelDriver;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly closesAt: string | null;
}

/** One attempt to have a tunnel: from the command to the close or the failure. */
interface Session {
  readonly opening: Opening;
  run: TunnelRun | null;
  plan: TunnelPlan | null;
  binary: string;
  over: boolean;
  reviveMs: number;
  cancelTimer: () => void;
  cancelLimit: () => void;
}

function newSession(driver: TunnelDriver, openedBy: string, now: number, forMs: number | null): Session {
  const closesAt = forMs === null ? null : instant(now + forMs);
  return {
    opening: { driver, openedAt: instant(now), openedBy, closesAt },
    run: null,
    plan: null,
    binary: '',
    over: false,
    reviveMs: REVIVE_AFTER_MS,
    cancelTimer: () => {},
    cancelLimit: () => {},
  };
}

function openingEntry({ openedBy, driver, closesAt }: Opening, { hostname }: TunnelPlan): AuditEntry {
  return { actor: openedBy, type: 'tunnel.opened', object: driver, facts: { closesAt, hostname } };
}

/** Puts the end of a tunnel on record. It has ended: a record that fails is logged and changes nothing. */
function record({ audit, log }: TunnelsDeps, actor: string, type: string, object: string): void {
  audit.append({ actor, type, object }).catch((error: unknown) => {
    log.error({ type, error: String(error) }, 'the end of a tunnel could not be put on record');
  });
}

/** Asked anew after each wait: somebody may have closed it meanwhile. */
function isOver({ over }: Session): boolean {
  return over;
}

function withoutToken(): HostError {
  return new HostError(
    'not_permitted',
    'no access token exists, so everybody who learns the address could try the endpoints; make one first: `signalbox mcp token create`',
  );
}

function refuseClosed({ over }: Session): void {
  if (over) throw new HostError('conflict', 'the tunnel was closed while it was being opened');
}

/** The one tunnel of a host: it shows the edge listener, for a limited time, and only while access tokens exist. */
export function createTunnels(deps: TunnelsDeps): Tunnels {
  const { clock, log } = deps;
  const address = createHostnameAnnouncer();
  const rateLimit = createRateLimit(clock);
  let status: TunnelStatus = { state: 'off' };
  let session: Session | null = null;
  let closing: Promise<void> = Promise.resolve();
  let stopped = false;

  function become(next: TunnelStatus): void {
    status = next;
    deps.publish({ type: 'tunnel.changed', tunnel: next });
  }

  function admit(input: ParsedInputOf<'tunnels.open'>): void {
    if (stopped) throw new HostError('unavailable', 'the host is stopping');
    if (session) throw new HostError('conflict', 'a tunnel is open already; close it first');
    if (!deps.hasToken()) throw withoutToken();
    if (input.driver === 'quick') rateLimit.check();
  }

  async function open(input: ParsedInputOf<'tunnels.open'>, actor: string): Promise<TunnelStatus> {
    admit(input);
    const mine = newSession(input.driver, actor, clock.now(), input.forMs);
    const { opening } = mine;
    session = mine;
    try {
      await closing;
      mine.binary = (await findCloudflared(deps)).path;
      mine.plan = await planTunnel(input, await deps.edgeUrl(), deps.runDir, deps.keepSecret);
      await deps.audit.append(openingEntry(opening, mine.plan));
      refuseClosed(mine);
      if (input.forMs !== null) mine.cancelLimit = clock.after(input.forMs, () => void close('host'));
      become({ ...opening, state: 'starting' });
      await run(mine);
      return status;
    } catch (error) {
      await settle(mine);
      if (status.state === 'starting')
        fail(mine, error instanceof HostError ? error.message : 'cannot be started');
      throw error;
    }
  }

  async function run(mine: Session): Promise<void> {
    const { plan, opening } = mine;
    if (!plan) return;
    const argv = tunnelArguments(mine.binary, plan);
    mine.cancelTimer();
    mine.cancelTimer = clock.after(START_TIMEOUT_MS, () => {
      if (status.state === 'starting')
        void giveUp(mine, `not connected to Cloudflare after ${START_TIMEOUT_MS / 1000} s`);
    });
    const started = await startTunnelRun(
      { argv, env: tunnelEnvironment(deps.hostEnv), cwd: deps.runDir },
      deps,
      {
        connected: (port) => void connected(mine, plan, port),
        lost() {
          if (mine.over || status.state !== 'ready') return;
          become({ ...opening, state: 'reconnecting', url: status.url });
          reviveLater(mine);
        },
        refused: (reason) => void giveUp(mine, reason),
        ended: (end) => ended(mine, end),
        line: (text) => deps.logFile.write(`${text}\n`),
      },
    );
    mine.run = started;
    if (isOver(mine)) await started.stop();
  }

  async function connected(mine: Session, plan: TunnelPlan, port: number): Promise<void> {
    const name = plan.hostname ?? quickHostname(await announcedHostname(port));
    if (mine.over) return;
    if (name === null) return giveUp(mine, 'cloudflared did not name a valid address of the quick tunnel');
    mine.cancelTimer();
    mine.reviveMs = REVIVE_AFTER_MS;
    rateLimit.clear();
    // The gateway must know the name before anybody can learn it from the state.
    address.tell(name);
    become({ ...mine.opening, state: 'ready', url: `https://${name}` });
  }

  /** cloudflared waits up to five minutes between tries. A new quick tunnel would have a new name, so that one waits. */
  function reviveLater(mine: Session): void {
    mine.cancelTimer();
    if (mine.opening.driver === 'quick') return;
    const jitter = (deps.random.bytes(1)[0] ?? 0) / 255;
    mine.cancelTimer = clock.after(mine.reviveMs * (0.9 + 0.2 * jitter), () => void revive(mine));
    mine.reviveMs = Math.min(mine.reviveMs * 2, LONGEST_REVIVE_MS);
  }

  async function revive(mine: Session): Promise<void> {
    if (mine.over) return;
    log.info({ driver: mine.opening.driver }, 'starting a tunnel afresh that found no way back');
    const old = mine.run;
    mine.run = null;
    await old?.stop();
    try {
      refuseClosed(mine);
      await run(mine);
      if (status.state === 'reconnecting') reviveLater(mine);
    } catch (error) {
      await giveUp(mine, error instanceof Error ? error.message : String(error));
    }
  }

  function ended(mine: Session, { reason, rateLimited }: TunnelEnd): void {
    if (!mine.over) fail(mine, rateLimited ? rateLimit.hit() : reason);
  }

  function fail(mine: Session, reason: string): void {
    void settle(mine);
    become({ state: 'failed', driver: mine.opening.driver, reason, failedAt: instant(clock.now()) });
    record(deps, 'host', 'tunnel.failed', mine.opening.driver);
  }

  async function giveUp(mine: Session, reason: string): Promise<void> {
    if (mine.over) return;
    const gone = settle(mine);
    fail(mine, reason);
    await gone;
  }

  /** The end of a session: nobody is answered any more, then the child is ended. */
  function settle(mine: Session): Promise<void> {
    if (mine.over) return closing;
    mine.over = true;
    mine.cancelTimer();
    mine.cancelLimit();
    if (session === mine) session = null;
    address.tell(null);
    closing = (mine.run?.stop() ?? Promise.resolve()).catch((error: unknown) =>
      log.error({ error: String(error) }, 'cloudflared could not be stopped'),
    );
    return closing;
  }

  async function close(actor: string): Promise<TunnelStatus> {
    const mine = session;
    if (mine) {
      await settle(mine);
      record(deps, actor, 'tunnel.closed', mine.opening.driver);
    }
    // A tunnel that failed just now may still be ending.
    await closing;
    // Somebody may have opened another one while this one ended.
    if (!session && status.state !== 'off') become({ state: 'off' });
    return status;
  }

  return {
    handlers: {
      'tunnels.open': (input, caller) => open(input, caller.principal),
      'tunnels.close': (_input, caller) => close(caller.principal),
    },
    async stop() {
      stopped = true;
      await close('host');
      await closing;
    },
    snapshot: () => status,
    onHostname: (listener) => address.subscribe(listener),
  };
}
