import { fromUtf8 } from '../../contract/channel/bytes.ts';
import { sasCode } from '../../contract/channel/secure-channel.ts';
import type { ByteChunk, ByteSource } from '../../contract/byte-stream.ts';
import type { CommandName, InputOf, OutputOf } from '../../contract/commands.ts';
import type { Notice } from '../../contract/live-connection.ts';
import type { Mirror } from '../../contract/mirror.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import { createReliableClient } from '../../contract/reliable-client.ts';
import type { ReliableState } from '../../contract/reliable-client.ts';
import type { ReliableRecord } from '../../contract/reliable-record.ts';
import { HostMessage } from '../../contract/wire.ts';
import { backoff } from './backoff.ts';
import { outcomeOf } from './call-outcome.ts';
import type { CallOutcome } from './call-outcome.ts';
import { dial } from './dial.ts';
import type { DialDeps, Dialled } from './dial.ts';
import type { PairedHost } from './host-record.ts';
import type { DhKey } from './key-types.ts';
import { linkStateOf, saidLockedDown } from './link-state.ts';
import { watchedCarrier } from './watched-carrier.ts';
import type { LinkState } from './views.ts';

/** A channel is used for so long at most; then another one takes over, with fresh keys. */
const CHANNEL_LIVES = 60 * 60_000;
/** Two looks at the app within this time need only one new channel. */
const FRESH = 10_000;
/** So many points of refusal, and the host is taken at its word. */
const ENOUGH_REFUSALS = 4;
/** Before another try with a host that does not want us, is locked down or of another version, or gave no new channel. */
const AFTER_REFUSAL = 5 * 60_000;
const LOCK_DOWN: CommandName = 'host.lockDown';

export interface HostLinkDeps extends DialDeps {
  /** The newest record of the host. */
  record(): PairedHost;
  readonly deviceKey: () => Promise<DhKey | undefined>;
  readonly reliable: ReliableRecord;
  save(record: ReliableRecord): Promise<void>;
  /** The last state, if one was kept, and when it was heard. */
  readonly known: { readonly mirror: Mirror; readonly asOf: number } | undefined;
  /** Stores the new keys; `record` gives them from then on. */
  rotate(keys: Extract<Notice, { type: 'rotate' }>): Promise<void>;
  /** The host has cast this device out. */
  revoked(): void;
  now(): number;
  /** The state or the connection changed. */
  changed(): void;
}

export interface HostLink {
  mirror(): Mirror;
  link(): LinkState;
  /** When the host was heard last, milliseconds since 1970. */
  heardAt(): number | null;
  /** Starts to connect, and connects again whenever the connection ends, until `stop`. */
  start(): void;
  /** Connects now instead of later; where a connection stands, a fresh one takes over from it. */
  wake(): void;
  stop(): void;
  /** Asks; for commands without an effect. Never rejects. */
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<CallOutcome<N>>;
  /** Sends a command that has an effect, once, over however many connections that takes. Never rejects. */
  submit<N extends CommandName>(
    name: N,
    input: InputOf<N>,
    told: (state: DeliveryState) => void,
  ): Promise<CallOutcome<N>>;
  /** @param offset where to begin; a negative one counts from the end */
  follow(source: ByteSource, onChunk: (chunk: ByteChunk) => void, offset?: number): () => void;
  /** How many commands wait for the host's answer. */
  waiting(): number;
  /** The person says that the host was put back on purpose. */
  acceptRollback(): Promise<void>;
}

/** Keeps one paired host connected and its state at hand. */
export function createHostLink(deps: HostLinkDeps): HostLink {
  const { random, schedule, now, record, changed } = deps;
  let lastAddress: string | undefined;
  let lastHeard = deps.known?.asOf ?? null;
  let failures = 0;
  let refusals = 0;
  let tried = false;
  let running = false;
  let dialling = false;
  let dialledAt = -Infinity;
  let renewal: { readonly checkCode: string; readonly until: number } | undefined;
  let renewed = false;
  let renewalOver = false;
  let checkCode = '';
  let cancelTimer = (): void => undefined;

  const client = createReliableClient({
    ...{ random, schedule, record: deps.reliable },
    save: (reliable) => deps.save(reliable),
    settled: changed,
    ...(deps.known && { mirror: deps.known.mirror }),
    async rotate(keys) {
      await deps.rotate(keys);
      // The client says `rotated` on the channel that stands; the next one is opened by the new keys.
      after(0, () => void connect(true));
    },
  });
  client.subscribe(client.mirror().cursor, changed);
  client.watch(react);

  function after(delay: number, run: () => void): void {
    cancelTimer();
    cancelTimer = schedule(delay, run);
  }

  function addresses(): string[] {
    const { addresses: known, tunnelAddress } = record();
    const all = [lastAddress, ...known, tunnelAddress ?? undefined];
    return [...new Set(all.filter((address) => address !== undefined))];
  }

  /** `anew`: also while a connection stands; it is let go when the host has welcomed the next one. */
  async function connect(anew: boolean): Promise<void> {
    const { kind } = client.state();
    if (!running || dialling || kind === 'revoked' || (!anew && kind !== 'offline' && !isStuck(kind))) return;
    dialling = true;
    const deviceKey = await deps.deviceKey().catch(() => undefined);
    const { hostPublicKey, devicePsk: psk } = record();
    const greeting = { mode: 'session', hostPublicKey, psk, payload: {} } as const;
    const dialled = deviceKey && (await dial(deps, addresses(), { ...greeting, deviceKey }));
    dialling = false;
    if (!running) dialled?.channel.close();
    else if (dialled) adopt(dialled);
    else if (client.state().kind === 'online') after(AFTER_REFUSAL, () => void connect(true));
    else retry();
  }

  function adopt(dialled: Dialled): void {
    checkCode = sasCode(dialled.channel.handshakeHash);
    dialledAt = now();
    client.attach(
      watchedCarrier(dialled, {
        heard(first, message) {
          lastHeard = now();
          // The host hangs up now, and welcomes the next channel.
          if (renewal && isRenewed(message)) renewed = true;
          if (!first) return;
          refusals = 0;
          lastAddress = dialled.address;
        },
        ended(end, wasHeard) {
          // Hanging up politely before the first word is how a host says that it knows the key and does not want it.
          if (!wasHeard && end.reason === 'peer') refusals += 2;
          else if (!wasHeard && dialled.wasRefused()) refusals += 1;
        },
      }),
    );
  }

  function react(state: ReliableState): void {
    switch (state.kind) {
      case 'online':
        failures = 0;
        renewal = undefined;
        renewalOver = false;
        after(CHANNEL_LIVES, () => void connect(true));
        break;
      case 'renewal':
        renewal = { checkCode, until: now() + state.expiresInMs };
        break;
      case 'offline':
        if (state.reason === 'locked-down') settleLockDown();
        renewalOver ||= renewal !== undefined && !renewed;
        retry(renewed || state.reason === 'scope-changed');
        renewal = undefined;
        renewed = false;
        break;
      case 'downgraded':
      case 'outdated':
        after(AFTER_REFUSAL, () => void connect(false));
        break;
      case 'revoked':
        cancelTimer();
        deps.revoked();
        break;
      case 'rolled-back':
        cancelTimer();
        break;
      case 'greeting':
        break;
    }
    changed();
  }

  /** A host that locks down ends this session with the answer still on its way; its goodbye is the answer. */
  function settleLockDown(): void {
    for (const { commandId, name } of client.outbox()) if (name === LOCK_DOWN) client.giveUp(commandId);
  }

  const isLockedDown = (): boolean => saidLockedDown(client.state());

  async function submit<N extends CommandName>(
    name: N,
    input: InputOf<N>,
    told: (state: DeliveryState) => void,
  ): Promise<CallOutcome<N>> {
    const { result } = client.submit(name, input, (state) => {
      told(state);
      // What waits is shown, also while the host is away and says nothing.
      changed();
    });
    const outcome = outcomeOf(name, await result);
    const isDone = name === LOCK_DOWN && outcome.kind === 'unknown' && isLockedDown();
    return isDone ? outcomeOf(name, { ok: true, value: {} as OutputOf<N> }) : outcome;
  }

  /** How long the host is left alone, by how it went the last time. */
  function pause(): number {
    if (isLockedDown() || renewalOver || refusals >= ENOUGH_REFUSALS) return AFTER_REFUSAL;
    return backoff(failures, () => random(1)[0] ?? 0);
  }

  function retry(atOnce = false): void {
    tried = true;
    if (!running) return;
    const delay = atOnce ? 0 : pause();
    failures += 1;
    after(delay, () => void connect(false));
    changed();
  }

  function link(): LinkState {
    const isRefused = refusals >= ENOUGH_REFUSALS;
    return linkStateOf(client.state(), { renewal, renewalOver, isRefused, tried, asOf: lastHeard });
  }

  return {
    mirror: () => client.mirror(),
    link,
    heardAt: () => lastHeard,
    start() {
      running = true;
      void connect(false);
    },
    wake() {
      if (!running) return;
      failures = 0;
      renewalOver = false;
      const online = client.state().kind === 'online';
      if (!online || now() - dialledAt >= FRESH) void connect(online);
    },
    stop() {
      running = false;
      cancelTimer();
      client.close();
    },
    call: async (name, input) => outcomeOf(name, await client.call(name, input)),
    submit,
    follow: (source, onChunk, offset = 0) => client.follow(source, offset, onChunk, () => undefined),
    waiting: () => client.outbox().length,
    async acceptRollback() {
      await client.acceptRollback();
      void connect(false);
    },
  };
}

function isRenewed(message: Uint8Array): boolean {
  const read = HostMessage.safeParse(JSON.parse(fromUtf8(message)));
  return read.success && read.data.type === 'renewal' && read.data.state === 'renewed';
}

/** States in which no connection is being made, though the client is not simply offline. */
function isStuck(kind: ReliableState['kind']): boolean {
  return kind === 'downgraded' || kind === 'outdated';
}
