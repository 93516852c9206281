/** The fields that can be wrong; those of a check carry its name. */
export type Field =
  | 'name'
  | 'command'
  | 'cwd'
  | 'port'
  | 'maxRestarts'
  | 'delay'
  | 'healthyAfter'
  | `${'ready' | 'health'}.${'text' | 'port' | 'url' | 'status' | 'command'}`
  | 'readyTimeout'
  | 'healthInterval'
  | 'healthTimeout'
  | 'healthFailures'
  | 'watch'
  | 'ignore'
  | 'debounce'
  | 'env'
  | 'dependsOn'
  | 'stopGrace';

/** Fields that stand before the fold. */
const IN_FRONT: readonly Field[] = ['name', 'command', 'cwd', 'port'];

export interface Fault {
  readonly text: string;
  /** Nothing is in the field yet: said only once somebody wanted to start. */
  readonly isMissing: boolean;
}
export type Faults = Partial<Record<Field, Fault>>;

export function hasFoldedFault(faults: Faults): boolean {
  return Object.keys(faults).some((field) => !(IN_FRONT as readonly string[]).includes(field));
}
