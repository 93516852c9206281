import type { ToolCallContent, ToolCallLocation, ToolKind } from '@agentclientprotocol/sdk';
import { sha256Hex, type ActionKind } from '../../contract/action.ts';
import type { ApprovalDetail } from '../../contract/approvals.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { HostError } from '../../contract/errors.ts';
import type { WorkspaceId } from '../../contract/ids.ts';
import type { ActionFacts } from '../kernel/approver.ts';
import { insideWorkspace, shown } from './agent-paths.ts';
import { planWrites, type PlannedWrite } from './planned-writes.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

const MAX_DIFF_TEXT = 200_000;

/** What is known of one tool call: its first report with all later ones laid over it. */
export interface ToolCallFacts {
  readonly toolCallId: string;
  readonly kind: ToolKind;
  readonly title: string;
  readonly name: string | null;
  readonly content: readonly ToolCallContent[];
  readonly locations: readonly ToolCallLocation[];
  readonly rawInput: unknown;
}

export interface ActionContext {
  readonly agent: string;
  /** Null for a folder that belongs to no workspace. */
  readonly workspaceId: WorkspaceId | null;
  /** Who asks, from the person to the program: `device:ID`, `task:ID`, `agent:NAME`. */
  readonly requester: readonly string[];
  /** The workspace as it was added, and the same without links. */
  readonly roots: readonly string[];
  /** Where relative paths begin, relative to the workspace; the workspace itself unless it says otherwise. */
  readonly base?: string;
  readonly files: WorkspaceFiles;
  readonly sanitize: (text: string) => string;
}

export interface DescribedAction {
  readonly facts: ActionFacts;
  readonly title: string;
  readonly writes: readonly PlannedWrite[];
  readonly diffs: ApprovalDetail['diffs'];
  readonly agentSays: string;
}

/**
 * What a tool call of an agent would do, in the host's own terms: from its kind, diffs, places and raw input, and from
 * the files as they are now.
 * @throws HostError when it reaches outside the workspace, touches a blocked path, or cannot be read
 */
export async function describeToolCall(
  context: ActionContext,
  call: ToolCallFacts,
): Promise<DescribedAction> {
  refuseIllFormed(call.rawInput);
  const described = await describe(context, call);
  refuseIllFormed(described.facts);
  return described;
}

/** What has no canonical form has no hash that two readers agree on, so nobody can approve it. */
function refuseIllFormed(value: unknown): void {
  try {
    canonicalJson(value ?? null);
  } catch {
    throw new HostError('refused', 'the request of the agent is not well-formed Unicode');
  }
}

async function describe(context: ActionContext, call: ToolCallFacts): Promise<DescribedAction> {
  const agentSays = context.sanitize([call.title, ...textsOf(call.content)].join('\n')).slice(0, 8192);
  const rest = { writes: [], diffs: [], agentSays };
  const who = context.agent;
  switch (call.kind) {
    case 'edit':
      return { ...(await describeEdit(context, call)), agentSays };
    case 'execute': {
      const exec = execOf(context, call);
      return {
        ...rest,
        title: titled(`${who} wants to run: `, exec.argv.join(' ')),
        facts: { ...base(context, 'exec'), exec },
      };
    }
    case 'read':
    case 'search': {
      const paths = placesOf(context, call);
      const title = titled(`${who} wants to read `, paths.join(', ') || 'in the workspace');
      return { ...rest, title, facts: { ...base(context, 'fs.read'), paths } };
    }
    case 'delete':
    case 'move': {
      const paths = placesOf(context, call);
      const title = titled(`${who} wants to ${call.kind} `, paths.join(', ') || 'something it does not name');
      return { ...rest, title, facts: { ...base(context, 'fs.delete'), paths, tool: toolOf(call) } };
    }
    case 'fetch': {
      const host = hostOf(call.rawInput);
      return {
        ...rest,
        title: titled(`${who} wants to reach the network: `, host ?? call.title),
        facts: {
          ...base(context, 'net'),
          tool: toolOf(call, host),
          net: host === null ? [] : [shown(host, 256)],
        },
      };
    }
    case 'think':
    case 'switch_mode':
    case 'other': {
      const title = titled(`${who} wants to use the tool `, call.name ?? call.title);
      return { ...rest, title, facts: { ...base(context, 'tool'), tool: toolOf(call) } };
    }
  }
}

/** The facts of writing these files, and nothing else. */
export function describeWrites(
  context: ActionContext,
  writes: readonly PlannedWrite[],
): Omit<DescribedAction, 'agentSays'> {
  const paths = writes.map((write) => write.path);
  const verb = writes.every((write) => write.baseSha256 === null) ? 'create' : 'change';
  return {
    title: titled(`${context.agent} wants to ${verb} `, paths.join(', ')),
    writes,
    diffs: writes.map((write) => shownDiff(write, context.sanitize)),
    facts: {
      ...base(context, 'fs.write'),
      paths,
      writes: writes.map(({ path, baseSha256, newSha256, bytes }) => ({
        path,
        baseSha256,
        newSha256,
        bytes,
      })),
    },
  };
}

async function describeEdit(
  context: ActionContext,
  call: ToolCallFacts,
): Promise<Omit<DescribedAction, 'agentSays'>> {
  const diffs = call.content.flatMap((part) => (part.type === 'diff' ? [part] : []));
  const edits = diffs.map((diff) => ({
    path: placeOf(context, diff.path),
    oldText: diff.oldText ?? null,
    newText: diff.newText,
  }));
  const { writes, unclear } = await planWrites(context.files, edits);
  const named = new Set([...edits.map((edit) => edit.path), ...placesOf(context, call)]);
  const described = describeWrites(context, writes);
  if (writes.length > 0 && unclear.length === 0 && named.size === writes.length) return described;
  // Some outcome cannot be told beforehand: the paths are named, and the input is pinned by its hash.
  return {
    ...described,
    title: titled(`${context.agent} wants to change `, [...named].join(', ') || 'files it does not name'),
    facts: { ...described.facts, paths: [...named], tool: toolOf(call) },
  };
}

function base(context: ActionContext, kind: ActionKind): ActionFacts {
  return {
    kind,
    workspaceId: context.workspaceId,
    requester: [...context.requester],
    agent: context.agent,
    paths: [],
    exec: null,
    writes: [],
    tool: null,
    net: [],
  };
}

function placeOf(context: ActionContext, given: string): string {
  const path = insideWorkspace(context.roots, given, context.base);
  return path === '.' ? path : context.files.check(path);
}

function placesOf(context: ActionContext, call: ToolCallFacts): string[] {
  return [...new Set(call.locations.map((location) => placeOf(context, location.path)))].slice(0, 256);
}

/**
 * The command as tokens. Agents give it as `command` or `cmd`: a list of tokens, or a line for a shell. One that gives
 * neither has put the line in the title.
 */
function execOf(context: ActionContext, call: ToolCallFacts): NonNullable<ActionFacts['exec']> {
  const input = isRecord(call.rawInput) ? call.rawInput : {};
  const given = input['command'] ?? input['cmd'] ?? input['argv'] ?? call.title;
  const argv = argvOf(given);
  if (argv.length === 0 || argv.length > 256 || argv.some((token) => token.length > 16_384)) {
    throw new HostError('refused', 'the command is empty or too long to be shown to a person');
  }
  const folder = input['cwd'] ?? input['workdir'] ?? '.';
  const cwd = insideWorkspace(context.roots, typeof folder === 'string' ? folder : '.', context.base);
  // The agent starts it in an environment of its own: what the host cannot see it does not vouch for.
  return {
    argv,
    cwd,
    sandbox: 'none',
    binarySha256: null,
    envNames: [],
    envSha256: null,
    cwdIdentity: null,
  };
}

function argvOf(given: unknown): string[] {
  if (typeof given === 'string') return given.trim() === '' ? [] : ['/bin/sh', '-lc', given];
  if (!Array.isArray(given)) return [];
  const tokens: unknown[] = given;
  return tokens.every((token) => typeof token === 'string') ? tokens : [];
}

function toolOf(call: ToolCallFacts, detail: string | null = null): NonNullable<ActionFacts['tool']> {
  const name = [call.kind, call.name ?? call.title, detail].filter((part) => part !== null).join(' ');
  return { name: shown(name, 256), inputSha256: sha256Hex(canonicalJson(call.rawInput ?? null)) };
}

function hostOf(rawInput: unknown): string | null {
  const url = isRecord(rawInput) ? rawInput['url'] : undefined;
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).host : null;
}

function textsOf(content: readonly ToolCallContent[]): string[] {
  return content.flatMap((part) =>
    part.type === 'content' && part.content.type === 'text' ? [part.content.text] : [],
  );
}

function shownDiff(write: PlannedWrite, sanitize: (text: string) => string): ApprovalDetail['diffs'][number] {
  const oldText = write.oldText === null ? null : sanitize(write.oldText);
  const newText = sanitize(write.newText);
  const long = newText.length > MAX_DIFF_TEXT || (oldText?.length ?? 0) > MAX_DIFF_TEXT;
  return {
    path: write.path,
    oldText: oldText?.slice(0, MAX_DIFF_TEXT) ?? null,
    newText: newText.slice(0, MAX_DIFF_TEXT),
    redacted: oldText !== write.oldText || newText !== write.newText,
    truncated: long,
  };
}

function titled(words: string, object: string): string {
  return shown(words + object, 256);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
