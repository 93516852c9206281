import { closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessDefinition } from '../../../contract/supervisor.ts';
import { shell } from '../../services/supervisor/fakes.ts';
import { MAX_RESTARTS, READY_TIMEOUT_MS, type Kind } from './model.ts';

const kind = (more: Partial<Kind>): Kind => ({
  ...{ policy: 'never', ready: 'none', deaf: false, missing: false },
  ...{ maxRestarts: MAX_RESTARTS, dependsOn: [], project: false },
  ...more,
});

/** The definitions among which a process changes. */
export const KINDS: readonly Kind[] = [
  kind({}),
  kind({ ready: 'quick' }),
  kind({ policy: 'on-failure' }),
  kind({ policy: 'on-failure', ready: 'slow' }),
  kind({ policy: 'always', ready: 'quick' }),
  kind({ policy: 'always', deaf: true }),
  kind({ policy: 'on-failure', maxRestarts: 0 }),
  kind({ ready: 'slow' }),
  kind({ policy: 'always', missing: true }),
];

/** A project: what it holds, and the same with a first process that cannot be started. */
export const PROJECT: readonly (readonly [string, Kind])[] = [
  ['q0', kind({ policy: 'on-failure', ready: 'quick', maxRestarts: 0, project: true })],
  ['q1', kind({ policy: 'always', project: true, dependsOn: ['q0'] })],
  ['q2', kind({ ready: 'quick', project: true, dependsOn: ['q1'] })],
];
export const BROKEN: typeof PROJECT = PROJECT.map(([name, one]) =>
  name === 'q0' ? [name, kind({ ...one, missing: true })] : [name, one],
);

/**
 * Does what it reads from its standard input. One helper stays in its group and one leaves its session: whoever ends
 * the child has to end both.
 */
function script({ ready, deaf }: Kind): string {
  return [
    ...(deaf ? [`trap '' TERM`] : []),
    'sleep 1000 & setsid sleep 1000 &',
    ...(ready === 'quick' ? ['echo up'] : []),
    'while read -r word code; do case $word in up) echo up;; exit) exit $code;; esac; done',
  ].join('\n');
}

export function definitionOf(name: string, one: Kind, cwd: string): ProcessDefinition {
  const definition = shell(name, script(one), {
    cwd,
    ready: one.ready === 'none' ? null : { kind: 'text', text: 'up' },
    readyTimeoutMs: READY_TIMEOUT_MS,
    restart: { mode: one.policy, maxRestarts: one.maxRestarts, delayMs: 1000 },
    stopGraceMs: one.deaf ? 40 : 5000,
  });
  return one.missing ? { ...definition, argv: ['/no/such/program'] } : definition;
}

/** The same as a project file. */
export function projectText(processes: typeof PROJECT): string {
  const all = processes.map(([name, one]) => [
    name,
    {
      cmd: one.missing ? ['/no/such/program'] : ['/bin/sh', '-c', script(one).replaceAll('$', '$$$$')],
      ...(one.ready !== 'none' && { ready: 'up' }),
      autorestart: one.policy,
      max_restarts: one.maxRestarts,
      restart_delay: 1000,
      depends_on: one.dependsOn,
    },
  ]);
  return JSON.stringify({ processes: Object.fromEntries(all) as unknown });
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly isZombie: boolean;
  /** Its program, which is all that a zombie still tells. */
  readonly program: string;
  /** The run whose mark it carries. */
  readonly run: string | null;
}

const marks = new Map<string, string | null>();

/** Everything of one bench that the system knows, by the mark of its runs, and the zombies of these parents. */
export function lookAtSystem(ids: string, parents: readonly number[]): { own: Seen[]; zombies: Seen[] } {
  const own: Seen[] = [];
  const zombies: Seen[] = [];
  for (const entry of readdirSync('/proc')) {
    const one = /^\d+$/.test(entry) ? see(Number(entry)) : null;
    if (!one) continue;
    if (one.isZombie && parents.includes(one.parent)) zombies.push(one);
    if (!one.isZombie && one.run?.startsWith(ids) === true) own.push(one);
  }
  return { own, zombies };
}

function see(pid: number): Seen | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const program = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const isZombie = fields[0] === 'Z' || fields[0] === 'X';
    const key = `${pid} ${fields[19] ?? ''}`;
    let run = isZombie ? null : marks.get(key);
    if (run === undefined) {
      run =
        /(?:^|\0)SIGNALBOX_RUN=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1] ?? null;
      // Between fork and exec it still shows what its parent has.
      if (run !== null) marks.set(key, run);
    }
    return { pid, parent: Number(fields[1]), isZombie, program, run };
  } catch {
    // Gone, or of another user.
    return null;
  }
}

export function runOf(pid: number): string {
  const run = see(pid)?.run;
  if (run === undefined || run === null) throw new Error(`${pid} is no child of ours`);
  return run;
}

/** Tells a child what to do, by its standard input. */
export function tellChild(folder: string, pid: number, words: string): void {
  const fd = openSync(join(folder, 'pipes', `${runOf(pid)}.in`), constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(fd, `${words}\n`);
  } finally {
    closeSync(fd);
  }
}
