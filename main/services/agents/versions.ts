import { stat } from 'node:fs/promises';
import { childEnvironment } from '../../guard/child-env.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroup, ProcessGroups } from '../../kernel/process-groups.ts';
import { inheritedNames } from './known-agents.ts';
import { packageVersion, versionIn } from './package-version.ts';
import { pathFor } from './program-lookup.ts';

const ANSWER_MS = 3_000;
const STOP_GRACE_MS = 500;
const MAX_OUTPUT = 4_096;
const MAX_KEPT = 256;

export interface VersionsDeps {
  processGroups: Pick<ProcessGroups, 'spawn'>;
  clock: Clock;
  hostEnv: Readonly<Record<string, string | undefined>>;
  /** Where a program is started that is asked; a folder in which nothing of a person lies. */
  cwd: string;
}

export interface Versions {
  /** What the files say, or what was heard before; null when neither. Starts nothing. */
  known(program: string): Promise<string | null>;
  /** Asks the program itself with `--version`, once for each state of its file and for three seconds at most. */
  ask(program: string): Promise<string | null>;
  /** What the agent said of itself over ACP. */
  told(program: string, version: string): Promise<void>;
}

/** Versions of programs, kept for as long as the file of the program is the same. */
export function createVersions({ processGroups, clock, hostEnv, cwd }: VersionsDeps): Versions {
  const heard = new Map<string, Promise<string | null>>();

  async function keyOf(program: string): Promise<string | null> {
    try {
      const { mtimeMs, size, ino } = await stat(program);
      return `${program}\0${mtimeMs}\0${size}\0${ino}`;
    } catch {
      return null;
    }
  }

  async function run(program: string): Promise<string | null> {
    const path = await pathFor(program, hostEnv);
    const { env } = childEnvironment({ ...hostEnv, PATH: path }, { inherit: inheritedNames });
    try {
      const label = `version of ${program}`;
      const argv = [program, '--version'];
      return await firstWords(
        await processGroups.spawn({ argv, cwd, env, label, graceMs: STOP_GRACE_MS }),
        clock,
      );
    } catch {
      return null;
    }
  }

  return {
    async known(program) {
      const key = await keyOf(program);
      if (key === null) return null;
      const fromPackage = await packageVersion(program);
      return fromPackage ?? (await settled(heard.get(key)));
    },
    async ask(program) {
      const key = await keyOf(program);
      if (key === null) return null;
      const fromPackage = await packageVersion(program);
      return fromPackage ?? once(heard, key, () => run(program));
    },
    async told(program, version) {
      const key = await keyOf(program);
      const plain = versionIn(version);
      if (key !== null && plain !== undefined) keep(heard, key, Promise.resolve(plain));
    },
  };
}

/** What a program prints before its deadline, read as a version; its whole group is gone when this resolves. */
async function firstWords(group: ProcessGroup, clock: Clock): Promise<string | null> {
  let printed = '';
  const take = (chunk: Buffer) => {
    if (printed.length < MAX_OUTPUT) printed += chunk.toString('utf8');
  };
  group.stdout.on('data', take);
  // Some print it there; read in any case, for a full pipe would stop the program.
  group.stderr.on('data', take);
  group.stdin.end();
  const cancel = clock.after(ANSWER_MS, () => void group.stop());
  const { code } = await group.exited;
  cancel();
  await group.stop();
  return code === 0 ? (versionIn(printed) ?? null) : null;
}

function once(
  kept: Map<string, Promise<string | null>>,
  key: string,
  make: () => Promise<string | null>,
): Promise<string | null> {
  const before = kept.get(key);
  if (before) return before;
  const made = make();
  keep(kept, key, made);
  return made;
}

function keep(kept: Map<string, Promise<string | null>>, key: string, value: Promise<string | null>): void {
  kept.set(key, value);
  const oldest = kept.size > MAX_KEPT ? kept.keys().next().value : undefined;
  if (oldest !== undefined) kept.delete(oldest);
}

/** The value of a promise that has settled; null for one that still waits. Whoever lists agents never waits. */
async function settled(promise: Promise<string | null> | undefined): Promise<string | null> {
  return promise === undefined ? null : Promise.race([promise, Promise.resolve(null)]);
}
