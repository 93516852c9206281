import type { OutputOf } from '../../../contract/commands.ts';
import type { ActionRun } from '../../../contract/predefined.ts';
import type { Cli } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { plainText } from '../plain-text.ts';

const WAIT_MS = 20_000;
/** One that still waits then waits for a person. */
const FIRST_WAIT_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Piece = OutputOf<'tasks.readActionOutput'>;

/**
 * Prints what a run prints, as it comes, until it has ended; the exit code says how.
 * @param onLeave what a signal to this process does to the run
 * @throws Failure with the reason of a run that was refused
 */
export async function followAction(cli: Cli, first: ActionRun, onLeave: 'stop' | 'leave'): Promise<number> {
  const stop = () => void cli.call('tasks.stopAction', { runId: first.id }).catch(() => process.exit(130));
  if (onLeave === 'stop') for (const signal of SIGNALS) process.once(signal, stop);
  try {
    const printed = await print(cli, first);
    return conclude(cli, printed);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}

interface Printed {
  readonly run: ActionRun;
  readonly text: string;
  readonly droppedBytes: number;
}

async function print(cli: Cli, first: ActionRun): Promise<Printed> {
  const print = createPrinter(cli);
  let run = first;
  let text = '';
  let droppedBytes = 0;
  let told = false;
  for (let offset = 0; ;) {
    const wait = { state: run.state, ms: run.state === 'waiting' && !told ? FIRST_WAIT_MS : WAIT_MS };
    const piece: Piece = await cli.call('tasks.readActionOutput', { runId: first.id, offset, wait });
    if (piece.offset > offset) {
      droppedBytes += piece.offset - offset;
      if (!cli.json) cli.note(`${piece.offset - offset} bytes were left out`);
    }
    print(piece.text);
    if (cli.json) text += piece.text;
    ({ run, nextOffset: offset } = piece);
    if (run.state === 'waiting' && !told) cli.note('waits for an approval: signalbox approvals list');
    told ||= run.state === 'waiting';
    if ((run.state === 'ended' || run.state === 'refused') && offset === piece.end) break;
  }
  print(null);
  return { run, text, droppedBytes };
}

/** A piece may end between the two characters of a line end: the first one waits for the second. */
function createPrinter(cli: Cli): (text: string | null) => void {
  let held = '';
  let isAtStart = true;
  return (text) => {
    const whole = held + (text ?? '');
    held = text !== null && whole.endsWith('\r') ? '\r' : '';
    const shown = plainText(whole.slice(0, whole.length - held.length));
    if (shown !== '') {
      isAtStart = shown.endsWith('\n');
      cli.piece(shown);
    }
    if (text === null && !isAtStart) cli.piece('\n');
  };
}

function conclude(cli: Cli, { run, text, droppedBytes }: Printed): number {
  if (run.state === 'refused') throw new Failure(run.code, run.reason);
  if (run.state !== 'ended') return Exit.failed;
  const { name, approvalId, exitCode, signal, timedOut, stopped, durationMs } = run;
  const result = { name, approvalId, exitCode, signal, timedOut, stopped, durationMs };
  if (cli.json) cli.answer({ ...result, output: text, droppedBytes }, '');
  if (timedOut) return Exit.timedOut;
  return exitCode === 0 ? Exit.done : Exit.failed;
}
