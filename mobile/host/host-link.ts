import type { ChannelEnd } from '../../contract/channel/secure-channel.ts';
import { commands } from '../../contract/commands.ts';
import type { CommandName, InputOf, OutputOf } from '../../contract/commands.ts';
import { emptyMirror, foldFrame } from '../../contract/mirror.ts';
import type { Mirror } from '../../contract/mirror.ts';
import type { HostState } from '../../contract/host-state.ts';
import type { StreamFrame } from '../../contract/stream.ts';
import { backoff } from './backoff.ts';
import { toBase64url } from './base64url.ts';
import { dial } from './dial.ts';
import type { DialDeps, Dialled } from './dial.ts';
import type { PairedHost } from './host-record.ts';
import { ANSWER_LOST, openSession } from './host-session.ts';
import type { HostSession } from './host-session.ts';
import type { DhKey } from './key-types.ts';
import type { LinkState } from './views.ts';

/** A connected host that says nothing for so long is asked whether it is there; then it has `ANSWER_WITHIN`. */
const QUIET = 25_000;
const ANSWER_WITHIN = 10_000;
/** How long a command may take before its answer counts as lost. */
const CALL_WITHIN = 60_000;
/** So many points of refusal, and the host is taken at its word. */
const ENOUGH_REFUSALS = 4;
const AFTER_REFUSAL = 5 * 60_000;
/** More gaps than this on one connection is a host that miscounts. */
const MOST_GAPS = 3;

export interface HostLinkDeps extends DialDeps {
  readonly deviceKey: () => Promise<DhKey | undefined>;
  now(): number;
  /** The state or the connection changed. */
  changed(): void;
}

export type CallOutcome<N extends CommandName> =
  | { readonly kind: 'done'; readonly value: OutputOf<N> }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown' };

export interface HostLink {
  state(): HostState;
  link(): LinkState;
  /** Starts to connect, and connects again whenever the connection ends, until `stop`. */
  start(): void;
  /** Connects now instead of later; a connection that stands is asked whether it still does. */
  wake(): void;
  stop(): void;
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<CallOutcome<N>>;
  /** Runs `open` with every session from now on, and what it returned when that session or the watch ends. */
  eachSession(open: (session: HostSession) => () => void): () => void;
}

/** Keeps one paired host connected and its state at hand. `record` gives the newest record. */
export function createHostLink(record: () => PairedHost, deps: HostLinkDeps): HostLink {
  const { random, schedule, now } = deps;
  const openers = new Map<(session: HostSession) => () => void, (() => void) | undefined>();
  let mirror: Mirror = emptyMirror;
  let status: LinkState = { kind: 'connecting' };
  let session: HostSession | undefined;
  let lastAddress: string | undefined;
  let lastHeard: number | null = null;
  let failures = 0;
  let refusals = 0;
  let running = false;
  let dialling = false;
  let cancelTimer = (): void => undefined;
  /** Asks the connected host whether it is there. */
  let ask = (): void => undefined;

  function show(next: LinkState): void {
    status = next;
    deps.changed();
  }

  function after(delay: number, run: () => void): void {
    cancelTimer();
    cancelTimer = schedule(delay, run);
  }

  function addresses(): string[] {
    const { addresses: known, tunnelAddress } = record();
    const all = [lastAddress, ...known, tunnelAddress ?? undefined];
    return [...new Set(all.filter((address) => address !== undefined))];
  }

  async function connect(): Promise<void> {
    if (!running || dialling || session) return;
    dialling = true;
    if (status.kind === 'offline' && status.asOf === null) show({ kind: 'connecting' });
    const deviceKey = await deps.deviceKey().catch(() => undefined);
    const { hostPublicKey, devicePsk: psk } = record();
    const dialled =
      deviceKey &&
      (await dial(deps, addresses(), { mode: 'session', deviceKey, hostPublicKey, psk, payload: {} }));
    dialling = false;
    if (!running) dialled?.channel.close();
    else if (dialled) adopt(dialled);
    else retry();
  }

  function retry(): void {
    if (!running) return;
    const refused = refusals >= ENOUGH_REFUSALS;
    show(refused ? { kind: 'refused' } : { kind: 'offline', asOf: lastHeard });
    const delay = refused ? AFTER_REFUSAL : backoff(failures, () => random(1)[0] ?? 0);
    failures += 1;
    after(delay, () => void connect());
  }

  function adopt(dialled: Dialled): void {
    let heard = false;
    let gaps = 0;
    const own = openSession(dialled.channel, {
      newCommandId: () => toBase64url(random(16)),
      heard() {
        lastHeard = now();
        if (heard) return;
        heard = true;
        failures = refusals = 0;
        lastAddress = dialled.address;
        show({ kind: 'online' });
        after(QUIET, beat);
        for (const open of openers.keys()) openers.set(open, open(own));
      },
      ended: (end) => {
        ended(end, heard, dialled.wasRefused());
      },
    });
    if (!own.isOpen()) return;
    session = own;

    function receive(frame: StreamFrame): void {
      const next = foldFrame(mirror, frame);
      if (next) {
        mirror = next;
        deps.changed();
        return;
      }
      gaps += 1;
      if (gaps > MOST_GAPS) throw new Error('The host loses events.');
      own.client.subscribe(null, receive);
    }

    function probe(): void {
      const asked = now();
      void own.client.call('workspaces.list', {});
      after(ANSWER_WITHIN, () => {
        if (lastHeard === null || lastHeard < asked) own.close();
        else after(QUIET, beat);
      });
    }

    function beat(): void {
      if (lastHeard !== null && now() - lastHeard < QUIET) after(QUIET, beat);
      else probe();
    }

    ask = probe;
    try {
      own.client.subscribe(mirror.cursor, receive);
      // A host with nothing new has no frame to send: this asks for one word, which is its consent.
      probe();
    } catch {
      own.close();
    }
  }

  function ended(end: ChannelEnd, heard: boolean, wasRefused: boolean): void {
    session = undefined;
    for (const [open, close] of openers) {
      close?.();
      openers.set(open, undefined);
    }
    // What we could not read may be in the way of what follows: begin again with a snapshot.
    if (end.reason === 'handler') mirror = { ...mirror, cursor: null };
    // Hanging up politely before the first word is how a host says that it knows the key and does not want it.
    if (!heard && end.reason === 'peer') refusals += 2;
    else if (!heard && wasRefused) refusals += 1;
    retry();
  }

  async function call<N extends CommandName>(name: N, input: InputOf<N>): Promise<CallOutcome<N>> {
    if (!session || status.kind !== 'online') return { kind: 'refused', why: 'The host is not connected.' };
    let cancel = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      cancel = schedule(CALL_WITHIN, () => {
        resolve('late');
      });
    });
    const result = await Promise.race([session.client.call(name, input), late]);
    cancel();
    if (result === 'late') return { kind: 'unknown' };
    if (!result.ok) {
      if (result.error.message === ANSWER_LOST) return { kind: 'unknown' };
      return { kind: 'refused', why: result.error.message };
    }
    const output = commands[name].output.safeParse(result.value);
    return output.success ? { kind: 'done', value: output.data as OutputOf<N> } : { kind: 'unknown' };
  }

  return {
    state: () => mirror.state,
    link: () => status,
    start() {
      running = true;
      void connect();
    },
    wake() {
      if (!running) return;
      failures = 0;
      if (!session) void connect();
      else if (status.kind === 'online') ask();
    },
    stop() {
      running = false;
      cancelTimer();
      session?.close();
    },
    call,
    eachSession(open) {
      openers.set(open, session && status.kind === 'online' ? open(session) : undefined);
      return () => {
        openers.get(open)?.();
        openers.delete(open);
      };
    },
  };
}
