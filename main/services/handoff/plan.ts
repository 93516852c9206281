import { HANDOFF_FILES, MAX_PLAN_BYTES } from '../../../contract/handoff.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Root } from '../../guard/path-guard.ts';

/** A plan as it was when it was read. */
export interface Plan {
  readonly text: string;
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly bytes: number;
  /** Its first heading, else its first line; 200 characters at most. */
  readonly title: string;
  /** Says what to do; else it is the form that nobody has filled in. */
  readonly usable: boolean;
}

/**
 * Reads the plan of a workspace.
 * @throws HostError `not_found` when there is none, `invalid_input` when it is empty or no text, `too_large`,
 * `not_permitted` for a link or anything else that is no plain file
 */
export async function readPlan(root: Root): Promise<Plan> {
  const file = HANDOFF_FILES.plan;
  const content = await root.readFile(file, { maxBytes: MAX_PLAN_BYTES });
  const text = decode(content.bytes);
  if (text === null) throw new HostError('invalid_input', `${file} is not UTF-8 text`, { path: file });
  if (text.trim() === '')
    throw new HostError('invalid_input', `${file} is empty; write what is to be done`, { path: file });
  return {
    text,
    sha256: content.sha256,
    bytes: content.bytes.length,
    title: titleOf(text),
    usable: saysSomething(text),
  };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function titleOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const heading = lines.find((line) => /^#{1,6}\s+\S/.test(line)) ?? lines.find((line) => line !== '') ?? '';
  return heading.replace(/^#+\s*/, '').slice(0, 200);
}

const HEADER = /^(?:updated|workspace|target agent|agent|model)\s*:/i;
/** What stands in a form where the plan belongs. */
const PLACEHOLDER =
  /^(?:[-*+]|\d+[.)])?\s*(?:\[[ x]\]\s*)?(?:todo|tbd|n\/a|none|\.{3}|\u2026|<[^<>]*>|_[^_]*_|\([^()]*\)|\[[^[\]]*\]|(?:write|describe|put|add) (?:the |your )?(?:plan|steps|task)[^.]*\.?)?\s*$/i;

/**
 * Whether a plan says anything. Headings, comments, the lines of its head and placeholders say nothing: a plan of
 * nothing else is a form that was not filled in. Pure.
 */
export function saysSomething(text: string): boolean {
  return text
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .split('\n')
    .map((line) => line.trim())
    .some(
      (line) =>
        !/^(?:#{1,6}(?:\s|$)|-{3,}$|={3,}$|```)/.test(line) && !HEADER.test(line) && !PLACEHOLDER.test(line),
    );
}
