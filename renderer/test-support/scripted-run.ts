import { commands } from '../../contract/commands.ts';
import { ActionRun } from '../../contract/predefined.ts';

/** A predefined command that does what a test says, with the answers that the host gives meanwhile. */
export function createScriptedRun(name: string) {
  let run: ActionRun | null = null;
  let text = '';
  let runs = 0;
  let waiting: (() => void)[] = [];

  function become(part: object): ActionRun {
    run = ActionRun.parse({ ...run, ...part });
    wake();
    return run;
  }
  function wake(): void {
    for (const go of waiting) go();
    waiting = [];
  }
  const instant = () => new Date().toISOString();
  const ended = { exitCode: 0, signal: null, timedOut: false, stopped: false, durationMs: 2300 };

  async function read(input: unknown): Promise<unknown> {
    const { offset, wait } = commands['tasks.readActionOutput'].input.parse(input);
    const hasNews = () => Buffer.byteLength(text) > offset || run?.state !== wait?.state;
    while (wait && !hasNews()) await new Promise<void>((resolve) => waiting.push(resolve));
    const bytes = Buffer.from(text);
    return {
      ...{ run, text: bytes.subarray(offset).toString(), offset },
      ...{ nextOffset: bytes.length, end: bytes.length },
    };
  }

  return {
    allow: () => become({ state: 'running', approvalId: 'ap_1', startedAt: instant() }),
    refuse: (reason: string) => become({ state: 'refused', code: 'refused', reason, endedAt: instant() }),
    print(more: string) {
      text += more;
      wake();
    },
    end: (part: object = {}) => become({ ...ended, ...part, state: 'ended', endedAt: instant() }),
    answers: {
      'tasks.actionRuns': () => ({ runs: run ? [run] : [] }),
      'tasks.startAction': () => {
        runs += 1;
        text = '';
        run = null;
        return become({
          ...{ id: `run_${runs}`, name, startedBy: 'owner', requestedAt: instant(), state: 'waiting' },
        });
      },
      'tasks.readActionOutput': read,
      'tasks.stopAction': () =>
        become({
          ...ended,
          exitCode: null,
          signal: 'SIGTERM',
          stopped: true,
          state: 'ended',
          endedAt: instant(),
        }),
    } satisfies Record<string, (input: unknown) => unknown>,
  };
}
