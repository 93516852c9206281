import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { HostError } from '../../../contract/errors.ts';
import type { WorkspaceId } from '../../../contract/ids.ts';
import { Rule } from '../../../contract/policy.ts';
import { createBlockList } from '../../guard/blocked-paths.ts';
import { openRoot } from '../../guard/path-guard.ts';
import type { WorkspaceFolders } from './ports.ts';
import { wrongWith } from './rule-tests.ts';

const FILE = '.signalbox/policy.yaml';
const MAX_BYTES = 65_536;
/** What is kept of files that were read; a host has few workspaces. */
const MOST_KNOWN = 64;

const PolicyFile = z.strictObject({ rules: z.array(Rule).max(200).default([]) });

/** The rules that a workspace brings along, for the actions in it. */
export interface WorkspaceRules {
  of(workspaceId: WorkspaceId | null): Promise<readonly Rule[]>;
}

/**
 * Reads `.signalbox/policy.yaml` of a workspace anew for each action. Whoever can write to the workspace could have
 * written it, so it only tightens: its rules that allow are left out unless the owner trusts the workspace, and what it
 * says about risk always, because a raised risk can take an action out of the reach of a rule of the owner. A file that
 * cannot be used denies everything in that workspace, with the reason.
 */
export function createWorkspaceRules(folders: WorkspaceFolders): WorkspaceRules {
  const known = new Map<string, { text: string; rules: readonly Rule[] }>();

  function rulesIn(file: string, text: string): readonly Rule[] {
    const before = known.get(file);
    if (before?.text === text) return before.rules;
    const rules = parsePolicy(file, text);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(file, { text, rules });
    return rules;
  }

  return {
    async of(workspaceId) {
      const folder = workspaceId === null ? null : folders.folder(workspaceId);
      if (workspaceId === null || folder === null) return [];
      try {
        const text = await readPolicy(folder.path);
        if (text === null) return [];
        return rulesIn(`${folder.path}/${FILE}`, text)
          .filter(({ effect }) => effect !== 'allow' || folder.trusted)
          .map((rule) => inWorkspace(rule, workspaceId));
      } catch (error) {
        const reason = error instanceof HostError ? error.message : 'it cannot be read';
        return [{ id: 'workspace.unusable', effect: 'deny', note: reason.slice(0, 256), when: {} }];
      }
    },
  };
}

/** The rule as it holds: under a name that no other layer has, and for nothing outside its workspace. */
function inWorkspace({ risk: _left, ...rule }: Rule, workspaceId: WorkspaceId): Rule {
  return { ...rule, id: `workspace.${rule.id}`, when: { ...rule.when, workspace: [workspaceId] } };
}

/** Null when there is no such file. @throws HostError for a link, a file that is too large, a folder that is gone */
async function readPolicy(path: string): Promise<string | null> {
  const root = openRoot(path, { blocked: createBlockList({ exceptions: ['.signalbox'] }) });
  try {
    const { bytes } = await root.readFile(FILE, { maxBytes: MAX_BYTES });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof HostError && error.code === 'not_found') return null;
    if (error instanceof TypeError) throw new HostError('invalid_input', `${path}/${FILE}:1: is not UTF-8`);
    throw error;
  } finally {
    root.close();
  }
}

/** @throws HostError `invalid_input` that names file, line and key */
function parsePolicy(file: string, text: string): readonly Rule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw refused(file, broken.linePos?.[0].line ?? 1, 'not YAML');
  const parsed = PolicyFile.safeParse(toJs(document, file) ?? {});
  const wrong = parsed.success ? wrongTogether(parsed.data.rules) : wrongShape(parsed.error);
  if (parsed.success && wrong === null) return parsed.data.rules;
  const { path, message } = wrong ?? { path: [], message: 'not valid' };
  throw refused(file, lineOf(document, path, lines), `${path.join('.')}: ${message}`);
}

type Wrong = ReturnType<typeof wrongWith>;

function wrongTogether(rules: readonly Rule[]): Wrong {
  const wrong = wrongWith(rules);
  return wrong && { ...wrong, path: ['rules', ...wrong.path] };
}

function wrongShape({ issues: [issue] }: z.ZodError): Wrong {
  if (issue === undefined) return { path: [], message: 'not valid' };
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return { path: [...issue.path.map(asKey), ...unknown], message: issue.message };
}

/** A file of aliases upon aliases ends here too. */
function toJs(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    throw refused(file, 1, 'too many aliases');
  }
}

const asKey = (part: PropertyKey): string | number => (typeof part === 'symbol' ? String(part) : part);

/** Of the innermost part of the path that stands in the file. */
function lineOf(document: Document.Parsed, path: readonly (string | number)[], lines: LineCounter): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isNode(key) && String(key) === String(path[length - 1]))
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function refused(file: string, line: number, message: string): HostError {
  return new HostError('invalid_input', `${file}:${line}: ${message}`, { file, line });
}
