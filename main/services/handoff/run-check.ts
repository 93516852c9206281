import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FILES, HANDOFF_FOLDER } from '../../../contract/handoff.ts';
import { createHeadAndTail } from '../../guard/head-and-tail.ts';
import { runOwnerCommand, type OwnerCommandDeps } from '../../guard/owner-command.ts';
import type { RandomSource } from '../../kernel/ports.ts';
import { fillCommand, type CommandValues } from './command-line.ts';
import type { LiveHandoff } from './live-handoff.ts';
import type { PinnedFiles } from './pinned-files.ts';
import { createVerdictReader, REVIEW_NONCE_VARIABLE, type SaidVerdict } from './verdict.ts';

const KEPT_BYTES = 1024 * 1024;

export interface CheckDeps extends OwnerCommandDeps {
  readonly random: RandomSource;
  readonly sanitize: (text: string) => string;
  /** From then on the value never leaves the host. */
  readonly keepSecret: (value: string) => void;
}

interface Ran {
  /** It ran and ended by itself. */
  readonly ended: boolean;
  readonly exitCode: number | null;
  /** In words. */
  readonly outcome: string;
  readonly output: string;
}

/** Runs the tests and writes what they print. */
export async function runTests(
  deps: CheckDeps,
  live: LiveHandoff,
  words: readonly string[],
  timeoutMs: number,
): Promise<{ passed: boolean; exitCode: number | null }> {
  const ran = await run(deps, live, { what: 'tests', words, timeoutMs });
  const passed = ran.ended && ran.exitCode === 0;
  await live.folder.write(HANDOFF_FILES.tests, report('Tests', live, ran));
  live.tell('tests_finished', `the tests ${passed ? 'passed' : 'failed'}: ${ran.outcome}`);
  return { passed, exitCode: ran.exitCode };
}

/**
 * Runs the reviewer, which alone gets the nonce of this review, and reads its verdict. What it prints is written
 * without the nonce. One that was changed since the loop began is not run.
 */
export async function runReview(
  deps: CheckDeps,
  live: LiveHandoff,
  { words, files }: { words: readonly string[]; files: PinnedFiles },
  timeoutMs: number,
): Promise<{ ended: boolean; exitCode: number | null; verdict: SaidVerdict; outcome: string }> {
  const nonce = Buffer.from(deps.random.bytes(24)).toString('hex');
  deps.keepSecret(nonce);
  const reader = createVerdictReader(nonce);
  const changed = await files.changed();
  const ran =
    changed === null
      ? await run(deps, live, {
          what: 'reviewer',
          words,
          timeoutMs,
          ownEnv: { [REVIEW_NONCE_VARIABLE]: nonce },
          readOutput: (chunk) => reader.push(chunk),
        })
      : notRun(`${changed} was changed since the loop began`);
  const verdict = reader.end();
  const output = ran.output.replaceAll(nonce, '[nonce]');
  await live.folder.write(HANDOFF_FILES.review, report('Review', live, { ...ran, output }));
  live.tell('review_finished', `the reviewer says ${SAYS[verdict]}: ${ran.outcome}`);
  return { ended: ran.ended, exitCode: ran.exitCode, verdict, outcome: ran.outcome };
}

const notRun = (outcome: string): Ran => ({ ended: false, exitCode: null, outcome, output: '' });

const SAYS: Readonly<Record<SaidVerdict, string>> = {
  PASS: 'PASS',
  FAIL: 'FAIL',
  none: 'nothing that counts',
  several: 'both PASS and FAIL',
};

async function run(
  deps: CheckDeps,
  live: LiveHandoff,
  check: {
    what: string;
    words: readonly string[];
    timeoutMs: number;
    ownEnv?: Record<string, string>;
    readOutput?: (chunk: Uint8Array) => void;
  },
): Promise<Ran> {
  const { what, words, timeoutMs, ownEnv, readOutput } = check;
  const kept = createHeadAndTail(KEPT_BYTES);
  const { id, workspaceId, iteration } = live.now;
  try {
    const { exitCode, signal, timedOut } = await runOwnerCommand(
      deps,
      {
        argv: fillCommand(words, commandValues(live.folder.root.path, iteration)),
        folder: live.folder.root.path,
        cwd: '.',
        workspaceId,
        requester: [live.caller.principal, `handoff:${id}`],
        origin: live.caller.origin,
        title: `Run the ${what} of a handoff loop`,
        name: `the command for the ${what}`,
        label: `${what} of a handoff`,
        timeoutMs,
        mustAsk: false,
        ...(ownEnv && { ownEnv }),
      },
      { signal: live.signal, printed: (text) => kept.add(text), ...(readOutput && { readOutput }) },
    );
    const outcome = timedOut
      ? `it took longer than ${timeoutMs / 1000} s and was ended`
      : exitCode === null
        ? `it was ended by ${signal ?? 'a signal'}`
        : `exit code ${exitCode}`;
    return { ended: !timedOut && exitCode !== null, exitCode, outcome, output: kept.text() };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { ended: false, exitCode: null, outcome: deps.sanitize(error.message), output: kept.text() };
  }
}

function report(title: string, live: LiveHandoff, { outcome, output }: Ran): string {
  return `# ${title} of iteration ${live.now.iteration}: ${outcome}\n\n${output}`;
}

/** What stands for the variables of a command: absolute paths. Pure. */
export function commandValues(root: string, iteration: number): CommandValues {
  return {
    root,
    context_dir: join(root, HANDOFF_FOLDER),
    iteration: String(iteration),
    plan_file: join(root, HANDOFF_FILES.plan),
    status_file: join(root, HANDOFF_FILES.status),
    diff_file: join(root, HANDOFF_FILES.diff),
    log_file: join(root, HANDOFF_FILES.log),
    tests_file: join(root, HANDOFF_FILES.tests),
    review_file: join(root, HANDOFF_FILES.review),
  };
}
