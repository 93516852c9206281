import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { clean, failureText, meaningOf, parseLogLine } from './cloudflared-log.ts';
import { onLines } from './lines.ts';
import { isConnected } from './metrics.ts';
import { STOP_GRACE_MS } from './tunnel-arguments.ts';

const FIRST_CHECK_MS = 100;
const LONGEST_CHECK_MS = 5000;
/** After a sign of trouble: the state of one of several connections settles within that many checks. */
const CHECKS_AFTER_TROUBLE = 3;
const TROUBLE_CHECK_MS = 500;

export interface TunnelEnd {
  /** Why it ended, in one line. */
  readonly reason: string;
  readonly rateLimited: boolean;
}

export interface TunnelEvents {
  /** Connected to the edge, for the first time or again. */
  connected(metricsPort: number): void;
  lost(): void;
  /** Cloudflare will never accept it; the child still runs. */
  refused(reason: string): void;
  /** It ended, and not because it was asked to. */
  ended(end: TunnelEnd): void;
  line(text: string): void;
}

/** One life of cloudflared. */
export interface TunnelRun {
  /** TERM once, KILL after the grace period; no event comes after the call. */
  stop(): Promise<void>;
}

/**
 * Starts cloudflared and watches it by what it logs; its readiness is asked for only while it starts, while it
 * reconnects, and shortly after a sign of trouble. An exit code of 0 means nothing: usage errors end with it too.
 */
export async function startTunnelRun(
  spawn: {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
  },
  deps: { readonly clock: Clock; readonly processGroups: ProcessGroups },
  events: TunnelEvents,
): Promise<TunnelRun> {
  const part = { kind: 'tunnel', name: '', purpose: '' } as const;
  const group = await deps.processGroups.spawn({ ...spawn, label: 'tunnel', part, graceMs: STOP_GRACE_MS });
  let over = false;
  let rateLimited = false;
  let failure: string | null = null;
  const readiness = watchReadiness(deps.clock, events, () => over);

  onLines(group.stderr, (text) => {
    events.line(text);
    const line = parseLogLine(text);
    failure ??= failureText(line);
    const meaning = meaningOf(line);
    if (over) return;
    if (meaning.kind === 'metrics') readiness.begin(meaning.port);
    else if (meaning.kind === 'connected') readiness.look();
    else if (meaning.kind === 'disconnected') readiness.suspect();
    else if (meaning.kind === 'rate-limited') rateLimited = true;
    else if (meaning.kind === 'refused') events.refused(meaning.reason);
  });
  // Its standard output stays empty, unless it refuses its arguments: then the first line says which.
  let usage: string | null = null;
  onLines(group.stdout, (text) => {
    usage ??= clean(text);
  });
  void group.exited.then(({ code, signal }) => {
    readiness.end();
    if (over) return;
    over = true;
    const how = signal === null ? `code ${code ?? 'unknown'}` : signal;
    events.ended({
      reason: `cloudflared ended (${how}): ${usage ?? failure ?? 'it did not say why'}`,
      rateLimited,
    });
  });
  return {
    async stop() {
      over = true;
      readiness.end();
      await group.stop();
    },
  };
}

/** Asks `/ready` with growing pauses while there is doubt, and not at all while there is none. */
function watchReadiness(
  clock: Clock,
  events: Pick<TunnelEvents, 'connected' | 'lost'>,
  isOver: () => boolean,
) {
  let port: number | null = null;
  let isUp = false;
  let wasUp = false;
  let delay = FIRST_CHECK_MS;
  let doubts = 0;
  let asking = false;
  let askAgain = false;
  let cancel = () => {};

  function later(ms: number): void {
    cancel();
    cancel = clock.after(ms, () => void check());
  }

  async function check(): Promise<void> {
    cancel();
    if (port === null || isOver()) return;
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    const connected = await isConnected(port);
    asking = false;
    if (isOver()) return;
    settle(connected, port);
    if (askAgain) {
      askAgain = false;
      await check();
    }
  }

  function settle(connected: boolean, at: number): void {
    if (connected) {
      delay = FIRST_CHECK_MS;
      if (!isUp) {
        isUp = wasUp = true;
        events.connected(at);
      }
      if (doubts > 0) {
        doubts -= 1;
        later(TROUBLE_CHECK_MS);
      }
      return;
    }
    doubts = 0;
    if (isUp) events.lost();
    isUp = false;
    later(delay);
    delay = Math.min(delay * 2, wasUp ? LONGEST_CHECK_MS : LONGEST_CHECK_MS / 2);
  }

  return {
    begin(metricsPort: number): void {
      if (port !== null || metricsPort < 1 || metricsPort > 65_535) return;
      port = metricsPort;
      void check();
    },
    /** A connection was made: now it is worth asking. */
    look(): void {
      if (!isUp) void check();
    },
    suspect(): void {
      if (!isUp) return;
      doubts = CHECKS_AFTER_TROUBLE;
      void check();
    },
    end: () => cancel(),
  };
}
