import type { InputOf } from '../../../../contract/commands.ts';
import type { ProcessDefinition } from '../../../../contract/supervisor.ts';
import { draftOf } from './draft-of.ts';
import type { ProcessDraft } from './draft.ts';
import type { Faults } from './faults.ts';

type Run = InputOf<'supervisor.run'>;
type Part = Exclude<keyof ProcessDefinition, 'name'>;

/** The fields of the form behind each part of a definition. */
const FIELDS: Record<Part, readonly (keyof ProcessDraft)[]> = {
  argv: ['command'],
  cwd: ['cwd'],
  env: ['env'],
  inheritEnv: ['inheritEnv'],
  restart: ['restart', 'maxRestarts', 'delay', 'healthyAfter'],
  ready: ['ready'],
  readyTimeoutMs: ['readyTimeout'],
  port: ['port'],
  // A port that was typed is no longer the choice of the host.
  autoPort: ['port'],
  dependsOn: ['dependsOn'],
  health: ['health', 'healthInterval', 'healthTimeout', 'healthFailures', 'healthRestart'],
  watch: ['watch', 'ignore', 'debounce'],
  stopGraceMs: ['stopGrace'],
  isolation: ['sandbox'],
  pty: ['pty'],
};

/**
 * What is asked for, with every part whose fields nobody touched as the definition has it; nothing is wrong with
 * those, for the host took them before. Pure.
 */
export function keepUntouched(
  draft: ProcessDraft,
  known: ProcessDefinition,
  read: { input: Run; faults: Faults },
): { input: Run; faults: Faults } {
  const before = draftOf(known);
  const untouched = (Object.keys(FIELDS) as Part[]).filter((part) =>
    FIELDS[part].every((field) => isSame(draft[field], before[field])),
  );
  const fields = new Set<string>(['name', ...untouched.flatMap((part) => FIELDS[part])]);
  const kept = Object.fromEntries(
    untouched.flatMap((part) => (known[part] === undefined ? [] : [[part, known[part]]])),
  ) as Partial<Run>;
  return {
    input: { ...read.input, ...kept, name: known.name },
    faults: Object.fromEntries(
      Object.entries(read.faults).filter(([field]) => !fields.has(field.split('.')[0] ?? field)),
    ),
  };
}

/** A field is a text, a switch, or the texts of a check. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
