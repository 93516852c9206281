import type { Schedule } from './channel/channel-handshake.ts';
import { judgeWelcome, type WelcomeVerdict } from './judge-welcome.ts';
import { createLiveConnection, type Carrier, type LiveConnection, type Notice } from './live-connection.ts';
import type { RecordKeeper } from './reliable-record.ts';
import type { Patience } from './silence-watch.ts';
import type { GoodbyeReason, Welcome } from './wire.ts';

export type ReliableState =
  /** No connection; `reason` is what the host said before it hung up, if it said anything. */
  | { readonly kind: 'offline'; readonly reason: GoodbyeReason | null }
  | { readonly kind: 'greeting' }
  | { readonly kind: 'online'; readonly welcome: Welcome }
  /** This device was away for long: the owner compares a code at the host first. */
  | { readonly kind: 'renewal'; readonly expiresInMs: number }
  /** The host shows an older state than before. Nothing is sent to it until `acceptRollback`. */
  | { readonly kind: 'rolled-back'; readonly seenEpoch: number; readonly shownEpoch: number }
  | { readonly kind: 'downgraded' | 'outdated' }
  /** The host has cast this device out. The end of this client. */
  | { readonly kind: 'revoked' };

export interface SessionLinkDeps {
  readonly keeper: RecordKeeper;
  readonly schedule: Schedule;
  readonly patience: Patience;
  /** The channel version that this app speaks. */
  readonly version: number;
  /** This connection carries everything from now on; null while there is none. */
  carry(connection: LiveConnection | null): void;
  /** Whether an answer is awaited on it. */
  awaiting(connection: LiveConnection): boolean;
  ended(connection: LiveConnection): void;
  scopeChanged(): void;
  /** Called once: the host has cast this device out. */
  castOut(): void;
  /** Stores the new keys; the host is told when it has resolved. */
  rotate(keys: Extract<Notice, { type: 'rotate' }>): Promise<void>;
}

export interface SessionLink {
  state(): ReliableState;
  watch(listener: (state: ReliableState) => void): () => void;
  attach(carrier: Carrier): void;
  /** What the owner accepts when he says that putting the host back was meant; null when nothing waits for that. */
  rollback(): Pick<Welcome, 'epoch' | 'counter'> | null;
  /** Gives up on what was refused: the next connection is judged anew. */
  forgive(): void;
  close(): void;
}

/** Which connection counts, and what the host is to us: at most one carries everything, one more may be on its way. */
export function createSessionLink(deps: SessionLinkDeps): SessionLink {
  const { keeper, schedule, patience, version, carry } = deps;
  const watchers = new Set<(state: ReliableState) => void>();
  let state: ReliableState = { kind: 'offline', reason: null };
  let current: LiveConnection | null = null;
  let coming: LiveConnection | null = null;
  let refused: Welcome | null = null;
  let reason: GoodbyeReason | null = null;
  let closed = false;

  function become(next: ReliableState): void {
    state = next;
    for (const watcher of [...watchers]) watcher(next);
  }

  function attach(carrier: Carrier): void {
    if (closed) {
      carrier.close();
      return;
    }
    const superseded = coming;
    coming = null;
    superseded?.close();
    reason = null;
    const connection = createLiveConnection({
      ...{ carrier, schedule, patience },
      welcomed: (welcome) => void greet(connection, welcome),
      noticed: (notice) => {
        notify(connection, notice);
      },
      awaiting: () => deps.awaiting(connection),
      ended: () => {
        lost(connection);
      },
    });
    coming = connection;
    if (!current && !isRefusal(state)) become({ kind: 'greeting' });
    connection.begin();
  }

  async function greet(connection: LiveConnection, welcome: Welcome): Promise<void> {
    const verdict = judgeWelcome(keeper.value, welcome, version);
    if (verdict !== 'accepted') {
      refuse(verdict, welcome);
      return;
    }
    if (!(await remember(welcome))) {
      connection.close();
      return;
    }
    if (coming !== connection || !connection.isOpen()) return;
    const before = current;
    coming = null;
    current = connection;
    refused = null;
    carry(connection);
    become({ kind: 'online', welcome });
    before?.close();
  }

  /** Before anything is built upon it: an app that is killed now still knows what this host has shown. */
  async function remember({ epoch, counter, minVersion }: Welcome): Promise<boolean> {
    const seen = keeper.value;
    const next = { epoch, minVersion, version, counter: Math.max(seen.counter, counter) };
    const isNews = Object.entries(next).some(([key, value]) => seen[key as keyof typeof next] !== value);
    if (!isNews) return true;
    keeper.change(next);
    return keeper.saved().then(
      () => true,
      () => false,
    );
  }

  function refuse(verdict: Exclude<WelcomeVerdict, 'accepted'>, welcome: Welcome): void {
    const seenEpoch = keeper.value.epoch;
    refused = welcome;
    hangUp();
    become(
      verdict === 'rolled-back' ? { kind: verdict, seenEpoch, shownEpoch: welcome.epoch } : { kind: verdict },
    );
  }

  function notify(connection: LiveConnection, notice: Notice): void {
    if (notice.type === 'renewal') {
      if (connection !== coming || notice.state !== 'waiting') return;
      become({ kind: 'renewal', expiresInMs: notice.expiresInMs });
    } else if (notice.type === 'rotate') {
      void deps.rotate(notice).then(
        () => {
          connection.send({ type: 'rotated' });
        },
        () => {
          // Not stored: the host keeps the old keys for this device and tells the new ones again.
        },
      );
    } else if (notice.reason === 'revoked') {
      hangUp();
      closed = true;
      become({ kind: 'revoked' });
      deps.castOut();
    } else {
      if (notice.reason === 'scope-changed') deps.scopeChanged();
      reason = notice.reason;
    }
  }

  function lost(connection: LiveConnection): void {
    deps.ended(connection);
    if (coming === connection) coming = null;
    else if (current === connection) {
      current = null;
      carry(null);
    } else return;
    if (!current && !coming && !isRefusal(state)) become({ kind: 'offline', reason });
  }

  /** Without a word to those who watch: whoever calls this says what became of the link. */
  function hangUp(): void {
    const [first, second] = [coming, current];
    coming = null;
    current = null;
    if (second) carry(null);
    first?.close();
    second?.close();
  }

  return {
    state: () => state,
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    attach,
    rollback: () => (state.kind === 'rolled-back' ? refused : null),
    forgive() {
      become({ kind: 'offline', reason: null });
    },
    close() {
      closed = true;
      hangUp();
    },
  };
}

const isRefusal = ({ kind }: ReliableState) =>
  kind === 'rolled-back' || kind === 'downgraded' || kind === 'outdated';
