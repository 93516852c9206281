import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant, Sha256Hex, WorkspaceId } from './ids.ts';
import { LogStreamName, LogStreams } from './process-logs.ts';
import { ProcessName } from './process-name.ts';
import { WorkspaceRef } from './workspaces.ts';

export const ToolSet = z.enum(['minimal', 'standard', 'full']);
export const WriteMode = z.enum(['off', 'handoff', 'workspace']);
export type WriteMode = z.infer<typeof WriteMode>;
export const BashMode = z.enum(['off', 'safe', 'full']);
export type BashMode = z.infer<typeof BashMode>;

export const BridgeModes = z.strictObject({ tools: ToolSet, write: WriteMode, bash: BashMode });
export type BridgeModes = z.infer<typeof BridgeModes>;

export const ToolCall = z.strictObject({
  id: z.string(),
  tool: z.string(),
  client: z.string(),
  outcome: z.enum(['ok', 'refused', 'failed']),
  detail: z.string().max(512),
  calledAt: Instant,
  durationMs: z.number(),
});
export type ToolCall = z.infer<typeof ToolCall>;

export const BridgeStatus = z.strictObject({
  modes: BridgeModes,
  /** Newest first, at most 50; never holds content. */
  recentCalls: z.array(ToolCall),
});
export type BridgeStatus = z.infer<typeof BridgeStatus>;

/** A path inside a workspace, with `/`; the path guard says what is wrong with a bad one. */
const WorkspacePath = z.string().min(1).max(4096);
const MAX_FILE_TEXT = 2_000_000;
const inWorkspace = { workspace: WorkspaceRef.optional() };

export const DirectoryEntry = z.strictObject({
  name: z.string(),
  kind: z.enum(['file', 'directory', 'symlink', 'other']),
  bytes: z.int().nullable(),
  /** True for what the path guard would refuse: it is named, never opened. */
  blocked: z.boolean(),
});

export const SearchMatch = z.strictObject({ path: z.string(), line: z.int(), text: z.string() });

const Written = z.strictObject({
  path: z.string(),
  sha256: Sha256Hex,
  bytes: z.int(),
  created: z.boolean(),
});

/** A managed process as a client of its workspace sees it. */
const BridgeProcess = z.strictObject({
  name: ProcessName,
  state: z.string(),
  argv: z.array(z.string()),
  /** Relative to the workspace. */
  cwd: z.string(),
  port: z.int().nullable(),
  restarts: z.int(),
  startedAt: Instant.nullable(),
  exitCode: z.int().nullable(),
  /** Why it is unhealthy or failed. */
  reason: z.string().nullable(),
});

/** A line of what a process printed, as a client of its workspace sees it: secrets replaced. */
const BridgeLogLine = z.strictObject({
  /** Counts the lines of the streams that were asked for; older ones keep their numbers while files are dropped. */
  number: z.int().nonnegative(),
  at: Instant,
  stream: LogStreamName,
  text: z.string(),
  /** Only the beginning of a longer line. */
  cut: z.literal(true).optional(),
});
export type BridgeLogLine = z.infer<typeof BridgeLogLine>;

/** The tools of the MCP bridge, as commands: the same door, the same policy, the same record. */
export const bridgeCommands = {
  'bridge.openWorkspace': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'Describe the workspace: name, modes, top-level entries, git branch.',
    input: z.strictObject(inWorkspace),
    output: z.strictObject({
      workspaceId: WorkspaceId,
      name: z.string(),
      modes: BridgeModes,
      branch: z.string().nullable(),
      entries: z.array(DirectoryEntry),
    }),
  }),
  'bridge.list': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'List one folder of the workspace.',
    input: z.strictObject({ ...inWorkspace, path: WorkspacePath.default('.') }),
    output: z.strictObject({ entries: z.array(DirectoryEntry), truncated: z.boolean() }),
  }),
  'bridge.read': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'Read a text file of the workspace, whole or a range of lines.',
    input: z.strictObject({
      ...inWorkspace,
      path: WorkspacePath,
      fromLine: z.int().min(1).optional(),
      toLine: z.int().min(1).optional(),
    }),
    output: z.strictObject({
      path: z.string(),
      text: z.string(),
      sha256: Sha256Hex,
      lines: z.int(),
      redactions: z.int(),
    }),
  }),
  'bridge.search': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'Search the text of the workspace with ripgrep.',
    input: z.strictObject({
      ...inWorkspace,
      pattern: z.string().min(1).max(1024),
      regex: z.boolean().default(false),
      ignoreCase: z.boolean().default(false),
      glob: z.string().max(256).optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    output: z.strictObject({ matches: z.array(SearchMatch), truncated: z.boolean() }),
  }),
  'bridge.write': command({
    capability: 'tool-write',
    risk: 'medium',
    summary: 'Write a whole file. Needs the hash of the file it replaces, or null for a new one.',
    input: z.strictObject({
      ...inWorkspace,
      path: WorkspacePath,
      text: z.string().max(MAX_FILE_TEXT),
      baseSha256: Sha256Hex.nullable(),
    }),
    output: Written,
  }),
  'bridge.edit': command({
    capability: 'tool-write',
    risk: 'medium',
    summary: 'Replace one exact piece of text in a file. Needs the hash of the file it was read from.',
    input: z.strictObject({
      ...inWorkspace,
      path: WorkspacePath,
      oldText: z.string().min(1).max(MAX_FILE_TEXT),
      newText: z.string().max(MAX_FILE_TEXT),
      baseSha256: Sha256Hex,
    }),
    output: Written,
  }),
  'bridge.showChanges': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'What git says has changed in the workspace: status and diff, blocked files left out.',
    input: z.strictObject(inWorkspace),
    output: z.strictObject({ status: z.string(), diff: z.string(), truncated: z.boolean() }),
  }),
  'bridge.bash': command({
    capability: 'tool-exec',
    risk: 'medium',
    summary: 'Run one command. Safe mode takes a table of read-only commands; full mode asks each time.',
    input: z.strictObject({
      ...inWorkspace,
      command: z.string().min(1).max(16_384),
      timeoutMs: z.int().min(100).max(600_000).default(60_000),
      /** Full mode only: asks for the network as well, which raises the risk that the owner is shown. */
      network: z.boolean().default(false),
    }),
    output: z.strictObject({
      exitCode: z.int().nullable(),
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean(),
      timedOut: z.boolean(),
      sandbox: z.string(),
    }),
  }),
  'bridge.processes': command({
    capability: 'tool-read',
    risk: 'none',
    summary: 'The managed processes that run in the workspace: state, port, restarts, how they ended.',
    input: z.strictObject(inWorkspace),
    output: z.strictObject({ processes: z.array(BridgeProcess) }),
  }),
  'bridge.processLog': command({
    capability: 'tool-read',
    risk: 'none',
    summary:
      'Lines that a managed process of the workspace printed: the last ones, or those from a number on.',
    input: z.strictObject({
      ...inWorkspace,
      name: ProcessName,
      streams: LogStreams,
      /** The number of the first line; a negative one counts from the end. */
      from: z.int().default(-100),
      /** Begins at the first line that is not older, instead of at `from`. */
      since: Instant.optional(),
      count: z.int().min(1).max(500).default(100),
    }),
    output: z.strictObject({
      name: ProcessName,
      state: z.string(),
      /** Fewer than asked for when they are long: 128 KiB of text in one answer. */
      lines: z.array(BridgeLogLine).max(500),
      /** Which lines there are: from `first`, up to and without `end`. */
      first: z.int().nonnegative(),
      end: z.int().nonnegative(),
      /** Where the newest run begins. */
      runStart: z.int().nonnegative(),
    }),
  }),
  'bridge.searchProcessLogs': command({
    capability: 'tool-read',
    risk: 'none',
    summary:
      'Search what managed processes of the workspace printed, earlier runs and rotated files included.',
    input: z.strictObject({
      ...inWorkspace,
      query: z.string().min(1).max(1024),
      /** The query is a regular expression, in the syntax of ripgrep. */
      regex: z.boolean().default(false),
      caseSensitive: z.boolean().default(true),
      /** All of the workspace if not given. */
      names: z.array(ProcessName).min(1).max(64).optional(),
      streams: LogStreams,
      since: Instant.optional(),
      until: Instant.optional(),
      /** Lines before and after each that fits. */
      context: z.int().min(0).max(10).default(0),
      /** The newest so many of each process. */
      limit: z.int().min(1).max(200).default(50),
    }),
    output: z.strictObject({
      /** One for each process in which something was found. */
      found: z.array(
        z.strictObject({
          name: ProcessName,
          /** Those that fit and those around them, ascending; 128 KiB of text in one answer. */
          lines: z.array(BridgeLogLine.extend({ hit: z.boolean() })),
          /** There are older ones that fit. */
          more: z.boolean(),
        }),
      ),
    }),
  }),
  'bridge.controlProcess': command({
    capability: 'tool-exec',
    risk: 'medium',
    summary: 'Start, stop or restart a managed process of the workspace; the owner is asked each time.',
    input: z.strictObject({
      ...inWorkspace,
      name: ProcessName,
      action: z.enum(['start', 'stop', 'restart']),
    }),
    output: z.strictObject({ process: BridgeProcess }),
  }),
  'bridge.setModes': command({
    capability: 'own',
    risk: 'high',
    summary: 'Set which tools clients see, whether they may write, and how commands run.',
    input: z.strictObject({
      tools: ToolSet.optional(),
      write: WriteMode.optional(),
      bash: BashMode.optional(),
    }),
    output: BridgeModes,
  }),
  'bridge.selfTest': command({
    capability: 'own',
    risk: 'low',
    summary: 'Call the bridge over HTTP as a client would, with a token made for this and thrown away.',
    input: Nothing,
    output: z.strictObject({ tools: z.array(z.string()), durationMs: z.number() }),
  }),
};

export const BridgeChanged = z.strictObject({ type: z.literal('bridge.changed'), modes: BridgeModes });
export const ToolCalled = z.strictObject({ type: z.literal('tool.called'), call: ToolCall });
