import { createInterface } from 'node:readline/promises';
import type { OutputOf } from '../../../contract/commands.ts';
import type { Handoff, HandoffEvent } from '../../../contract/handoff.ts';
import type { ApprovalId } from '../../../contract/ids.ts';
import { approvalText } from '../approval-text.ts';
import type { Cli } from '../cli.ts';
import { Failure } from '../failure.ts';
import { plainLine } from '../plain-text.ts';

const WAIT_MS = 10_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Tells the steps of a handoff on stderr until it has ended. A signal to this process stops it, and the task that it
 * runs. In a terminal the questions of the handoff itself are put here.
 */
export async function followHandoff(cli: Cli, first: Handoff): Promise<Handoff> {
  let isOver = false;
  const stop = () => {
    cli.note('stopping');
    cli.call('handoff.stop', { handoffId: first.id }).catch((error: unknown) => {
      // It has ended by itself meanwhile: its end is told as ever.
      if (!isOver && !(error instanceof Failure && error.code === 'conflict')) process.exit(130);
    });
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  const prompt = createPrompt(cli);
  try {
    for (let afterSeq = 0; ;) {
      const answer: OutputOf<'handoff.show'> = await cli.call('handoff.show', {
        handoffId: first.id,
        afterSeq,
        waitMs: WAIT_MS,
      });
      for (const event of answer.events) cli.note(eventLine(event));
      afterSeq = answer.events.at(-1)?.seq ?? afterSeq;
      prompt.show(answer.handoff.approvalId);
      if (answer.handoff.state !== 'running') return answer.handoff;
    }
  } finally {
    isOver = true;
    prompt.show(null);
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}

function eventLine({ event, iteration, text }: HandoffEvent): string {
  return `${event}${iteration === 0 ? '' : ` ${iteration}`}: ${plainLine(text, 1000)}`;
}

/** Puts one question at a time to the person at the terminal; it goes away when it was answered elsewhere. */
function createPrompt(cli: Cli): { show(approvalId: ApprovalId | null): void } {
  const canAsk = process.stdin.isTTY && process.stderr.isTTY && !cli.json;
  let shown: ApprovalId | null = null;
  let gone = new AbortController();
  return {
    show(approvalId) {
      if (approvalId === shown) return;
      gone.abort();
      gone = new AbortController();
      shown = approvalId;
      if (approvalId === null) return;
      if (canAsk) void ask(cli, approvalId, gone.signal);
      else cli.note(`waits for you: signalbox approvals show ${approvalId}`);
    },
  };
}

async function ask(cli: Cli, approvalId: ApprovalId, signal: AbortSignal): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal takes Ctrl+C while it asks; it means what it means everywhere else.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const { approval, detail } = await cli.call('approvals.detail', { approvalId });
    cli.note(approvalText(approval, detail));
    const said = await terminal.question('Go on? [y/N] ', { signal });
    const decision = /^y(?:es)?$/i.test(said.trim()) ? 'allow' : 'deny';
    await cli.call('approvals.decide', { approvalId, actionHash: approval.actionHash, decision });
  } catch (error) {
    if (signal.aborted) return;
    cli.note(
      `it could not be answered here (${error instanceof Error ? error.message : String(error)}): signalbox approvals show ${approvalId}`,
    );
  } finally {
    terminal.close();
  }
}
