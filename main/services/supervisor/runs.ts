import { HostError } from '../../../contract/errors.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import { createShimSession, type ShimSession } from './shim-session.ts';
import type { ShimConnector } from './shim/connect.ts';
import type { HeldRun, OsProcess, OutputSearch, RunEnd, ShimEvent, SpawnOrder } from './shim/messages.ts';

export interface RunListener {
  /** The first call: it has a number. */
  spawned?(spawned: Spawned): void;
  /** The last call: nothing of it lives, all of its output is in the logs. */
  ended(end: RunEnd): void;
  /** Its logs have grown; so many bytes of this run could not be written. */
  grown(lost: number): void;
}

export interface SearchListener {
  /** What was printed before is in the logs, what follows is searched. */
  begun?(): void;
  found(line: string): void;
  failed(reason: string): void;
}

/** A line that somebody waits for; answered once at most. */
export interface OutputWish extends SearchListener {
  readonly what: OutputSearch;
}

export type RunOrder = Omit<SpawnOrder, 'searches'>;
export type Spawned = OsProcess & { readonly at: number };

interface Live extends RunListener {
  readonly order: Pick<RunOrder, 'run' | 'name' | 'folder'>;
  identity: (OsProcess & { readonly startedAt: number }) | null;
  readonly searches: Map<string, OutputWish>;
  /** It is being ended, with this grace. */
  stopGraceMs?: number;
  started?: { resolve(): void; reject(error: HostError): void };
}

export interface RunsDeps {
  readonly connector: ShimConnector;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** The shim is gone although it was needed; the runs were (true) or could not yet be taken over. */
  readonly crashed: (facts: { readonly runs: number }) => void;
}

/** All runs of managed processes, wherever they are held: the face of the shim inside the host. */
export interface Runs {
  /** What the shim of an earlier host still holds; empty when there is none. Call it once, first. */
  recover(): Promise<readonly HeldRun[]>;
  /** All that was recovered has somebody who listens: what happened meanwhile is told now. */
  recovered(): void;
  /**
   * @param wishes looked for from the first byte on
   * @returns ends each of the wishes
   * @throws HostError `not_found`, `invalid_input` or `unavailable` when it cannot be started
   */
  spawn(
    order: RunOrder,
    listener: RunListener,
    wishes?: readonly OutputWish[],
  ): Promise<readonly (() => void)[]>;
  /** Listens to a run that the shim holds already. */
  attach(held: HeldRun, folder: string, listener: RunListener): void;
  /** Takes over a run that no shim holds any more. */
  adopt(
    facts: OsProcess & Pick<RunOrder, 'run' | 'name' | 'folder'> & { startedAt: number },
    listener: RunListener,
  ): void;
  stop(run: string, graceMs: number): void;
  /** Into its terminal. */
  type(run: string, text: string): void;
  resize(run: string, columns: number, rows: number): void;
  /** Looks for a line from now on; the returned function ends that. Answers once at most. */
  search(run: string, wish: OutputWish): () => void;
  note(folder: string, text: string): void;
  /** The end of the run is on record. */
  forget(run: string): void;
  /** Ends what carries the mark of a run that nobody holds. */
  sweep(run: string): void;
  /** The process that holds the runs; null while none is needed. */
  shimPid(): number | null;
  /** The host ends: a shim that holds nothing ends too. Resolves when it has, or after a moment. */
  close(): Promise<void>;
  /** Lets go without a word, as a host that is killed does. Resolves when no start of a shim is under way any more. */
  vanish(): Promise<void>;
}

/** How long a run has to end that nobody knows. */
export const UNKNOWN_GRACE_MS = 1000;

type Identity = OsProcess & { readonly startedAt: number };
type Refused = Extract<ShimEvent, { type: 'refused' }>;

export function createRuns(deps: RunsDeps): Runs {
  const { connector, clock, log } = deps;
  const live = new Map<string, Live>();
  let pid: number | null = null;
  let unheard: ShimEvent[] | null = null;
  let greeted: ((held: readonly HeldRun[]) => void) | null = null;
  const session = createShimSession({
    ...{ connector, clock, log, lost },
    event: hear,
    failed(reason) {
      for (const [run, one] of live) {
        if (one.started) refuse(run, one, 'unavailable', `cannot be started: ${reason}`);
      }
    },
    isNeeded: () => live.size > 0,
  });

  function refuse(run: string, one: Live, code: Refused['code'], reason: string): void {
    live.delete(run);
    one.started?.reject(new HostError(code, reason));
  }

  function lost(): void {
    pid = null;
    // It died before it could say what it held.
    greeted?.([]);
    if (live.size === 0) return;
    log.error({ runs: live.size }, 'the process that holds the managed processes is gone; starting another');
    deps.crashed({ runs: live.size });
    for (const [run, one] of live) {
      if (one.identity) adoptAgain(one, one.identity);
      else {
        // Started or not, nobody can say: what carries its mark is ended.
        refuse(run, one, 'unavailable', 'what starts the managed processes has crashed; try again');
        session.send({ type: 'sweep', run });
      }
    }
  }

  function adoptAgain({ order, searches, stopGraceMs }: Live, identity: Identity): void {
    const again = [...searches].map(([search, { what }]) => ({ search, what }));
    session.send({ type: 'adopt', ...order, ...identity, searches: again });
    if (stopGraceMs !== undefined) session.send({ type: 'stop', run: order.run, graceMs: stopGraceMs });
  }

  function hear(event: ShimEvent): void {
    // Nobody listens to the runs that `hello` names before the host has found out whose they are.
    if (unheard && event.type !== 'hello') unheard.push(event);
    else take(event);
  }

  function take(event: ShimEvent): void {
    if ('run' in event && !live.has(event.run)) endUnknown(event, session);
    switch (event.type) {
      case 'hello':
        pid = event.pid;
        return greeted?.(event.runs);
      case 'spawned':
        return spawned(event);
      case 'refused':
        return refused(event);
      case 'ended': {
        const one = live.get(event.run);
        live.delete(event.run);
        return one?.ended(event.end);
      }
      case 'grown':
        return live.get(event.run)?.grown(event.lost);
      case 'searching':
        return findSearch(live, event.search)?.begun?.();
      case 'found':
        return takeSearch(live, event.search)?.found(event.line);
      case 'search-failed':
        return takeSearch(live, event.search)?.failed(event.reason);
    }
  }

  function refused({ run, code, reason }: Refused): void {
    const one = live.get(run);
    if (!one) return;
    if (one.started) return refuse(run, one, code, reason);
    // It could not be taken over: it is not watched any more.
    live.delete(run);
    one.ended({ code: null, signal: null, ranMs: 0, lastLines: reason, at: deps.clock.now() });
  }

  function spawned({ run, pid: number, startTime, at }: Extract<ShimEvent, { type: 'spawned' }>): void {
    const one = live.get(run);
    if (!one) return;
    one.identity = { pid: number, startTime, startedAt: at };
    const { started } = one;
    delete one.started;
    // At once: what else came with this message must find it known.
    one.spawned?.({ pid: number, startTime, at });
    started?.resolve();
  }

  function endSearch(run: string, id: string): void {
    if (live.get(run)?.searches.delete(id) === true) session.send({ type: 'unsearch', run, search: id });
  }

  return {
    async recover() {
      const hello = new Promise<readonly HeldRun[]>((resolve) => (greeted = resolve));
      unheard = [];
      if (!(await session.find())) return [];
      const held = await hello;
      greeted = null;
      return held;
    },
    recovered() {
      const events = unheard ?? [];
      unheard = null;
      for (const event of events) take(event);
    },
    async spawn(order, heard, wishes = []) {
      const searches: Live['searches'] = new Map(wishes.map((wish) => [deps.newId(), wish]));
      const ids = [...searches.keys()];
      await new Promise<void>((resolve, reject) => {
        live.set(order.run, {
          order: { run: order.run, name: order.name, folder: order.folder },
          identity: null,
          searches,
          ...heard,
          started: { resolve, reject },
        });
        const wanted = [...searches].map(([search, { what }]) => ({ search, what }));
        session.send({ type: 'spawn', ...order, searches: wanted });
      });
      return ids.map((id) => () => endSearch(order.run, id));
    },
    attach: (held, folder, heard) => void live.set(held.run, liveOf({ ...held, folder }, heard)),
    adopt(facts, heard) {
      const one = liveOf(facts, heard);
      live.set(facts.run, one);
      adoptAgain(one, one.identity);
    },
    stop(run, graceMs) {
      const one = live.get(run);
      if (one) one.stopGraceMs = graceMs;
      session.send({ type: 'stop', run, graceMs });
    },
    type: (run, text) => session.send({ type: 'type', run, text }),
    resize: (run, columns, rows) => session.send({ type: 'resize', run, columns, rows }),
    search(run, wish) {
      const id = deps.newId();
      const one = live.get(run);
      if (!one) {
        // Nothing more will be printed: what there is to find is in the logs.
        wish.begun?.();
        return () => {};
      }
      one.searches.set(id, wish);
      session.send({ type: 'search', run, search: id, what: wish.what });
      return () => endSearch(run, id);
    },
    note: (folder, text) => session.send({ type: 'note', folder, text: text.slice(0, 4096) }),
    forget: (run) => session.sendIfOpen({ type: 'forget', run }),
    sweep: (run) => session.send({ type: 'sweep', run }),
    shimPid: () => pid,
    close: session.close,
    vanish: session.vanish,
  };
}

/**
 * A host that was killed had just asked for it: nobody knows that it runs, so nobody would ever stop it, and nobody
 * will put its end on record.
 */
function endUnknown({ type, run }: Extract<ShimEvent, { run: string }>, session: ShimSession): void {
  if (type === 'spawned') session.sendIfOpen({ type: 'stop', run, graceMs: UNKNOWN_GRACE_MS });
  if (type === 'ended') session.sendIfOpen({ type: 'forget', run });
}

type Facts = Identity & Pick<RunOrder, 'run' | 'name' | 'folder'>;

function liveOf({ run, name, folder, pid, startTime, startedAt }: Facts, { ended, grown }: RunListener) {
  const identity = { pid, startTime, startedAt };
  const searches: Live['searches'] = new Map();
  return { order: { run, name, folder }, identity, searches, ended, grown };
}

function findSearch(live: ReadonlyMap<string, Live>, id: string): OutputWish | undefined {
  for (const { searches } of live.values()) {
    const search = searches.get(id);
    if (search) return search;
  }
  return undefined;
}

function takeSearch(live: ReadonlyMap<string, Live>, id: string): SearchListener | undefined {
  const search = findSearch(live, id);
  for (const { searches } of live.values()) searches.delete(id);
  return search;
}
