import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { ContentAnswer, Delivery, Farewell, HostAction, HostView, ProposalsAnswer } from './views.ts';
import type { LogSourceAnswer, PredefinedAnswer, RunFeed, RunView } from './predefined-views.ts';
import type {
  FiguresAnswer,
  LogFeed,
  LogQuery,
  LogSearchAnswer,
  LogView,
  LogWanted,
  PartOutputAnswer,
} from './process-views.ts';
import type { DiffAnswer, SessionAnswer, SessionsAnswer, TimelineFeed, TimelineView } from './task-views.ts';

/** The one thing that screens know of the network. Nothing here is written optimistically. */
export interface HostConnection {
  /** All paired hosts, online or not; undefined until they have been read from the device. The same array until something changes. */
  hosts(): readonly HostView[] | undefined;
  subscribe(changed: () => void): () => void;
  /** Carries an action out and reports each step; the last step is `done`, `refused` or `unknown`. Never rejects. */
  act(action: HostAction, report: (delivery: Delivery) => void): Promise<void>;
  /** A name for one wish, so that a repeat of it is known as one: 128 random bits, base64url. */
  newKey(): string;
  /** What stands behind an approval, fetched and checked against its hash. Never rejects. */
  content(hostId: string, approvalId: string): Promise<ContentAnswer>;
  /** Rules that would answer questions like this one, each with what it would have done. Never rejects. */
  proposals(hostId: string, approvalId: string, effect: 'allow' | 'deny'): Promise<ProposalsAnswer>;
  /** The newest of a timeline and what is added to it, over reconnections, until the feed is closed. */
  timeline(hostId: string, sessionId: string, changed: (timeline: TimelineView) => void): TimelineFeed;
  /** What a task has changed, as it stands now. Never rejects. */
  diff(hostId: string, taskId: string): Promise<DiffAnswer>;
  /** One session, also one of an agent's own store. Never rejects. */
  session(hostId: string, sessionId: string): Promise<SessionAnswer>;
  /** Sessions of one agent, the newest first, page by page. Never rejects. */
  sessions(hostId: string, agent: string, cursor: string | null): Promise<SessionsAnswer>;
  /** What the processes of a host use now; it measures only while somebody asks. Never rejects. */
  figures(hostId: string): Promise<FiguresAnswer>;
  /** The end of what a tunnel or an agent printed, also after it has ended. Never rejects. */
  partOutput(hostId: string, id: string): Promise<PartOutputAnswer>;
  /** The lines of a log and what is written, over reconnections, until the feed is closed. */
  log(hostId: string, wanted: LogWanted, changed: (log: LogView) => void): LogFeed;
  /** Lines of logs in which a text stands, newest first. Never rejects. */
  searchLogs(hostId: string, query: LogQuery): Promise<LogSearchAnswer>;
  /** The commands and logs that the owner has written down, and the runs of such commands. Never rejects. */
  predefined(hostId: string): Promise<PredefinedAnswer>;
  /** The last `tail` lines of a log that the owner has written down. Never rejects. */
  logSource(hostId: string, name: string, tail: number): Promise<LogSourceAnswer>;
  /** A run of a predefined command and what it prints, over reconnections, until the feed is closed. */
  actionRun(hostId: string, runId: string, changed: (run: RunView) => void): RunFeed;
  /** Deletes the keys and the record of a host from this device. */
  forget(hostId: string): Promise<void>;
  /** The person says that a host which shows an older state was put back on purpose. */
  acceptRollback(hostId: string): Promise<void>;
  /** The person has taken note that the record of a host was altered. */
  acknowledgeAltered(hostId: string): Promise<void>;
  /** Hosts that removed this device since the person last took note; the same array until something changes. */
  farewells(): readonly Farewell[];
  dismissFarewell(hostId: string): Promise<void>;
  /** Tries every host that is not online now, and renews the connections that stand. */
  wake(): void;
}

const NO_HOSTS: readonly HostView[] = [];
const nothingToWatch = (): (() => void) => () => undefined;

const Connection = createContext<HostConnection | undefined>(undefined);

export function ConnectionProvider(props: { connection: HostConnection | undefined; children: ReactNode }) {
  return <Connection.Provider value={props.connection}>{props.children}</Connection.Provider>;
}

export function useConnection(): HostConnection | undefined {
  return useContext(Connection);
}

const NO_FAREWELLS: readonly Farewell[] = [];

/** Hosts that removed this device and were not taken note of yet. */
export function useFarewells(): readonly Farewell[] {
  const connection = useContext(Connection);
  const read = connection ? connection.farewells : () => NO_FAREWELLS;
  return useSyncExternalStore(connection ? connection.subscribe : nothingToWatch, read, read);
}

/** The paired hosts; none when this device has no connection to offer; undefined while they are being read. */
export function useHosts(): readonly HostView[] | undefined {
  const connection = useContext(Connection);
  const read = connection ? connection.hosts : () => NO_HOSTS;
  return useSyncExternalStore(connection ? connection.subscribe : nothingToWatch, read, read);
}
