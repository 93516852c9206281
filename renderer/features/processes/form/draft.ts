import type { ProcessDefinition, RestartPolicy } from '../../../../contract/supervisor.ts';

export type ReadyKind = 'none' | 'text' | 'regex' | 'tcp' | 'http' | 'command';
export type HealthKind = Extract<ReadyKind, 'none' | 'tcp' | 'http' | 'command'>;

/** The fields of every kind of check: those of another kind keep what was typed in them, and are not read. */
export interface CheckDraft<K extends ReadyKind> {
  readonly kind: K;
  /** A text or a pattern. */
  readonly text: string;
  readonly port: string;
  readonly url: string;
  /** `200-299`, `204` or nothing. */
  readonly status: string;
  readonly command: string;
}

/** The form as it was typed. Numbers are texts, times are seconds; an empty field leaves the choice to the host. */
export interface ProcessDraft {
  /** The definition that is edited, null for a new process: what nobody touches stays as it is there. */
  readonly known: ProcessDefinition | null;
  readonly name: string;
  readonly command: string;
  readonly cwd: string;
  readonly port: string;
  readonly pty: boolean;
  readonly restart: RestartPolicy['mode'];
  readonly maxRestarts: string;
  readonly delay: string;
  readonly healthyAfter: string;
  readonly ready: CheckDraft<ReadyKind>;
  readonly readyTimeout: string;
  readonly health: CheckDraft<HealthKind>;
  readonly healthInterval: string;
  readonly healthTimeout: string;
  readonly healthFailures: string;
  readonly healthRestart: boolean;
  /** Globs, one a line. */
  readonly watch: string;
  readonly ignore: string;
  readonly debounce: string;
  /** `NAME=value`, one a line; {@link NOT_SHOWN} stands for the value that is known. */
  readonly env: string;
  readonly inheritEnv: boolean;
  /** Names, parted by spaces or commas. */
  readonly dependsOn: string;
  readonly sandbox: boolean;
  readonly stopGrace: string;
}

/** Values of variables are often secrets: the form tells the names, and keeps what it does not show. */
export const NOT_SHOWN = '(not shown)';

export const NO_CHECK = { text: '', port: '', url: '', status: '', command: '' };

/** An empty form over this folder. */
export function emptyDraft(cwd: string): ProcessDraft {
  return {
    ...{ known: null, name: '', command: '', cwd, port: '', pty: false },
    ...{ restart: 'on-failure', maxRestarts: '', delay: '', healthyAfter: '' },
    ...{ ready: { ...NO_CHECK, kind: 'none' }, readyTimeout: '' },
    health: { ...NO_CHECK, kind: 'none' },
    ...{ healthInterval: '', healthTimeout: '', healthFailures: '', healthRestart: false },
    ...{ watch: '', ignore: '', debounce: '', env: '', inheritEnv: false },
    ...{ dependsOn: '', sandbox: false, stopGrace: '' },
  };
}

/** What is left empty falls to the host; the form shows its choice in grey. Seconds, but for the counts. */
export const HOST_CHOICES = {
  ...{ maxRestarts: '10', delay: '1', healthyAfter: '60', readyTimeout: '30' },
  ...{ healthInterval: '10', healthTimeout: '3', healthFailures: '3', debounce: '0.5', stopGrace: '10' },
} as const;
