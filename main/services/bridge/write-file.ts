import { sha256Hex } from '../../../contract/action.ts';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { showPath } from '../../guard/path-lexical.ts';
import type { Root } from '../../guard/path-guard.ts';
import type { ActionFacts, PermissionRequest } from '../../kernel/approver.ts';
import { askLeave, baseFacts } from './permission.ts';
import type { BridgeDeps, Outbound, Place } from './ports.ts';
import { countOccurrences, decodeText } from './text-file.ts';
import { assertWritable } from './write-mode.ts';

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_SHOWN = 200_000;
/** What the outbound gate puts in the place of a secret. */
const MARKER = /\[REDACTED [^\]\n]{0,200}\]/g;

export interface Change {
  readonly path: string;
  readonly baseSha256: string | null;
  /** The new text, made from the old one (null for a new file). @throws HostError when it cannot be made */
  readonly newText: (oldText: string | null) => string;
}

interface Current {
  readonly sha256: string | null;
  readonly text: string | null;
}

/**
 * One change of one file: mode, precondition, leave, precondition again, write, record. What is asked for is the hash
 * of the old and of the new bytes; both are worked out afresh after the answer, and anything else makes it stale.
 */
export async function changeFile(
  context: BridgeDeps,
  place: Place,
  change: Change,
): Promise<OutputOf<'bridge.write'>> {
  const { root, caller, workspace } = place;
  const path = root.check(change.path);
  assertWritable(context.modes.get().write, path);
  const before = await current(root, path);
  assertBase(path, change.baseSha256, before.sha256);
  const newText = change.newText(before.text);
  assertNoNewMarkers(path, before.text, newText);
  const bytes = Buffer.from(newText, 'utf8');
  const factsFor = (base: string | null): ActionFacts => ({
    ...baseFacts(workspace.id, caller),
    kind: 'fs.write',
    paths: [path],
    writes: [{ path, baseSha256: base, newSha256: sha256Hex(bytes), bytes: bytes.length }],
  });
  const permit = await askLeave(context, place, {
    facts: factsFor(before.sha256),
    title: `${before.sha256 === null ? 'Create' : 'Change'} ${path}`.slice(0, 256),
    diffs: [await shownDiff(context.outbound, path, before.text, newText)],
  });
  let base: string | null = null;
  const rebuild = async (): Promise<ActionFacts> => {
    assertWritable(context.modes.get().write, path);
    base = (await current(root, path)).sha256;
    return factsFor(base);
  };
  return permit.execute(rebuild, async () => {
    if (base === null) await makeParent(root, path);
    const written = await root.writeFile(path, bytes, {
      expectedSha256: base,
      maxBytes: MAX_FILE_BYTES,
    });
    await context.audit.append({
      actor: caller.principal,
      type: 'fs.written',
      object: path,
      facts: {
        workspaceId: workspace.id,
        baseSha256: base,
        newSha256: written.sha256,
        bytes: written.bytes,
        approvalId: permit.approvalId,
      },
    });
    return { path, ...written };
  });
}

/** The text with the one occurrence of `oldText` replaced. @throws HostError `conflict` when it is not exactly one */
export function replaceOnce(path: string, text: string | null, oldText: string, newText: string): string {
  if (text === null) throw new HostError('not_found', `${showPath(path)} does not exist`, { path });
  const count = countOccurrences(text, oldText, 1000);
  if (count !== 1) {
    const what = count === 0 ? 'does not occur' : `occurs ${count === 1000 ? 'more than 999' : count} times`;
    throw new HostError('conflict', `oldText ${what} in ${showPath(path)}; it must occur exactly once`, {
      path,
      count,
    });
  }
  const at = text.indexOf(oldText);
  return text.slice(0, at) + newText + text.slice(at + oldText.length);
}

async function current(root: Root, path: string): Promise<Current> {
  try {
    const file = await root.readFile(path, { maxBytes: MAX_FILE_BYTES });
    return { sha256: file.sha256, text: decodeText(file.bytes, path) };
  } catch (error) {
    if (error instanceof HostError && error.code === 'not_found') return { sha256: null, text: null };
    throw error;
  }
}

/** Said before a person is asked, so that nobody answers for a change that cannot happen. */
function assertBase(path: string, expected: string | null, actual: string | null): void {
  if (expected === actual) return;
  const data = { path, expectedSha256: expected, actualSha256: actual };
  if (expected === null) {
    throw new HostError(
      'conflict',
      `${showPath(path)} exists; give the sha256 of the content to replace`,
      data,
    );
  }
  const what = actual === null ? 'does not exist' : 'has changed since it was read';
  throw new HostError('stale', `${showPath(path)} ${what}; read it again`, data);
}

/** A client that writes back what it read redacted would destroy the secret. */
function assertNoNewMarkers(path: string, before: string | null, after: string): void {
  const known = new Set(before?.match(MARKER) ?? []);
  if ((after.match(MARKER) ?? []).every((marker) => known.has(marker))) return;
  throw new HostError(
    'conflict',
    `the new text for ${showPath(path)} holds a redaction marker where the file has a secret; change the file with edit, around it`,
    { path },
  );
}

async function makeParent(root: Root, path: string): Promise<void> {
  const folder = path.split('/').slice(0, -1).join('/');
  if (folder !== '') await root.makeDirectory(folder);
}

async function shownDiff(
  outbound: Outbound,
  path: string,
  before: string | null,
  after: string,
): Promise<PermissionRequest['diffs'][number]> {
  const old = before === null ? null : await outbound.deep('diff', before);
  const next = await outbound.deep('diff', after);
  return {
    path,
    oldText: old === null ? null : old.text.slice(0, MAX_SHOWN),
    newText: next.text.slice(0, MAX_SHOWN),
    redacted: (old?.hits.length ?? 0) + next.hits.length > 0,
    truncated: next.text.length > MAX_SHOWN || (old?.text.length ?? 0) > MAX_SHOWN,
  };
}
