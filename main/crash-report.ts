import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

const KEPT = 10;
const LONGEST = 64 * 1024;
const NAME = /^crash-.*\.txt$/;

export interface CrashReports {
  /** Writes one report; answers its file, or null when it could not be written. Never throws. */
  write(error: unknown, origin: string): string | null;
}

/**
 * What a host that breaks leaves behind: one file for each crash in `logs/`, mode 0600, through the outbound gate,
 * and only the newest ones. It stays on this machine.
 */
export function createCrashReports(deps: {
  folder: string;
  sanitize(text: string): string;
  now(): number;
  facts: Readonly<Record<string, string>>;
}): CrashReports {
  const { folder, sanitize, now, facts } = deps;
  return {
    write(error, origin) {
      try {
        const at = new Date(now()).toISOString();
        const head = Object.entries({ at, origin, ...facts }).map(([name, value]) => `${name}: ${value}`);
        // The whole is judged before it is cut: half a secret does not look like one.
        const text = sanitize([...head, '', describe(error)].join('\n'));
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const file = join(folder, `crash-${at.replace(/[:.]/g, '-')}.txt`);
        writeFileSync(file, `${text.slice(0, LONGEST)}\n`, { mode: 0o600, flag: 'wx' });
        const old = readdirSync(folder).filter((name) => NAME.test(name));
        for (const name of old.sort().slice(0, -KEPT)) rmSync(join(folder, name), { force: true });
        return file;
      } catch {
        return null;
      }
    },
  };
}

/** An error with its causes, each once. */
function describe(error: unknown): string {
  const parts: string[] = [];
  let at: unknown = error;
  for (let depth = 0; depth < 8 && at !== undefined; depth += 1) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : typeof at === 'string' ? at : inspect(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join('\ncaused by: ');
}

/**
 * From now on what nobody caught is written down, and the host ends with exit code 1: after it nothing is certain.
 * @param exit told the code; for a rejected promise only when `endsOnRejection`, as Node and Electron differ there
 * @returns takes it back
 */
export function watchCrashes(
  reports: CrashReports,
  {
    say,
    exit,
    endsOnRejection,
  }: { say(text: string): void; exit(code: number): void; endsOnRejection: boolean },
): () => void {
  const crashed = (origin: string, ends: boolean) => (error: unknown) => {
    const file = reports.write(error, origin);
    say(`Signalbox broke (${origin})${file === null ? '' : `; what is known is in ${file}`}\n`);
    if (ends) exit(1);
  };
  const thrown = crashed('uncaught exception', true);
  const rejected = crashed('unhandled rejection', endsOnRejection);
  process.on('uncaughtException', thrown);
  process.on('unhandledRejection', rejected);
  return () => {
    process.off('uncaughtException', thrown);
    process.off('unhandledRejection', rejected);
  };
}
