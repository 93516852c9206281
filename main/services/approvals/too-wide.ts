import type { ActionKind } from '../../../contract/action.ts';
import type { RuleCondition } from '../../../contract/policy.ts';
import { isRunner } from './grants.ts';

const OUTWARD: readonly ActionKind[] = ['net', 'process.start', 'tool'];
const FILES: readonly ActionKind[] = ['fs.write', 'fs.delete'];

/**
 * Why a rule that allows this is too much to be put in force from afar: it runs unconfined, runs whatever it is told to,
 * reaches the network, changes any file, or is of any kind at all. Null for a rule that is narrow enough.
 */
export function tooWide(when: RuleCondition): string | null {
  const { kind: kinds } = when;
  if (kinds === undefined) return 'it names no kind of action';
  const outward = kinds.find((kind) => OUTWARD.includes(kind));
  if (outward !== undefined) return `it allows actions of the kind ${outward}`;
  const files = kinds.find((kind) => FILES.includes(kind));
  if (files !== undefined && !namesPaths(when)) return `it allows ${files} and names no paths ("pathIn")`;
  if (kinds.includes('git.write') && !namesPaths(when) && when.argv === undefined)
    return 'it allows git.write and names neither paths ("pathIn") nor a command ("argv")';
  return kinds.includes('exec') ? tooWideCommand(when) : null;
}

function tooWideCommand({ sandbox = ['none'], argv }: RuleCondition): string | null {
  const open = sandbox.find((profile) => profile === 'none' || profile === 'ws+net');
  if (open !== undefined) return `it allows commands in the sandbox "${open}"`;
  if (argv === undefined) return 'it allows exec and names no command ("argv")';
  const runner = programs(argv).find((beginning) => isRunner(beginning));
  return runner === undefined ? null : `"${runner.join(' ')}" runs whatever it is told to`;
}

/** Every touched path must match one of the globs; one of wildcards alone matches all there is. */
function namesPaths({ pathIn }: RuleCondition): boolean {
  return pathIn !== undefined && pathIn.every((glob) => !/^[*?./]+$/.test(glob));
}

/** Each beginning of a command that these tokens stand for, as far as its second word, where the rule names one. */
function programs([first = '', second]: NonNullable<RuleCondition['argv']>): string[][] {
  const verbs = second === undefined ? [[]] : [second].flat().map((verb) => [verb]);
  return [first].flat().flatMap((program) => verbs.map((verb) => [program, ...verb]));
}
