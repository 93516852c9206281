import type { BridgeModes } from '../../../contract/bridge.ts';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { Outbound as GuardOutbound } from '../../guard/outbound.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { Sandbox } from '../../guard/sandbox.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import type { Router } from '../../kernel/router.ts';

export interface Workspaces {
  /**
   * The workspace a caller means. A pinned caller has only its own; without a reference it is the pinned or the only one.
   * @throws HostError `not_found` that names what exists, as far as the caller may know
   */
  resolve(ref: string | undefined, caller: Caller): Workspace;
}

/** What is switched on, as the configuration file says. */
export interface Modes {
  get(): BridgeModes;
  /** Writes the given ones to the configuration file and returns all. */
  set(patch: Partial<BridgeModes>): BridgeModes;
}

/** The one gate through which content leaves the host; the deep scan, because all of this leaves the machine. */
export type Outbound = Pick<GuardOutbound, 'deep'>;

/** What the self-test needs from the gateway. */
export interface TestAccess {
  /** A token for one read-only MCP client, good until it is revoked. */
  mintTestToken(): Promise<{ readonly token: string; revoke(): Promise<void> }>;
  /** Where the bridge listens, or null while it does not. */
  mcpUrl(): string | null;
}

/** The managed processes of the host; who may see which one is decided here, not there. */
export interface Processes {
  list(): readonly ManagedProcess[];
  /** As the dashboard reads and searches them: redacted as logs are. */
  readLines(input: ParsedInputOf<'supervisor.readLines'>): Promise<OutputOf<'supervisor.readLines'>>;
  searchLogs(input: ParsedInputOf<'supervisor.searchLogs'>): Promise<OutputOf<'supervisor.searchLogs'>>;
  /** @param caller who is on record as having done it */
  control(name: string, action: 'start' | 'stop' | 'restart', caller: Caller): Promise<ManagedProcess>;
}

export interface BridgeDeps {
  readonly workspaces: Workspaces;
  readonly approver: Approver;
  readonly audit: Auditor;
  readonly modes: Modes;
  readonly outbound: Outbound;
  readonly sandbox: Sandbox;
  readonly groups: ProcessGroups;
  readonly processes: Processes;
  readonly testAccess: TestAccess;
  /** The single door. It holds the handlers made here, so it is handed in as a function that is called later. */
  readonly call: Router;
  readonly publish: (event: HostEvent) => void;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Log;
  /** Absolute path of ripgrep. @throws HostError `unavailable` when there is none */
  readonly ripgrepPath: () => string;
  readonly version: string;
}

/** Where one tool call happens. */
export interface Place {
  readonly workspace: Workspace;
  readonly root: Root;
  readonly caller: Caller;
  /** Aborted when the client has gone, its token was revoked, or the host stops. */
  readonly signal: AbortSignal;
}
