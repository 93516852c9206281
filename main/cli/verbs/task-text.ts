import { readFileSync } from 'node:fs';
import type { Task, TaskDiff } from '../../../contract/tasks.ts';
import { usage } from '../failure.ts';
import { facts, plainLine, plainText } from '../plain-text.ts';

const MAX_TEXT = 65_536;
const MAX_READ = MAX_TEXT * 4 + 4;

const DELIVERY: Readonly<Record<Task['delivery'], string>> = {
  queued: 'with the host, not with the agent yet',
  delivered: 'given to the agent',
  accepted: 'the agent has answered',
  running: 'the agent works on it',
  done: 'the agent has answered the whole turn',
  unknown: 'given to the agent, what became of it is not known; it is not sent again',
  never: 'never given to the agent',
};

/** One task for a person. */
export function taskText(task: Task): string {
  return facts([
    ['task', task.id],
    ['state', 'cause' in task ? `${task.state} (${task.cause})` : task.state],
    ['delivery', DELIVERY[task.delivery]],
    ['agent', `${task.agent}, mode ${task.mode}`],
    ['submitted', `${task.createdAt} by ${task.submittedBy}`],
    ...('position' in task && task.position !== null ? [['in line', String(task.position)] as const] : []),
    ...(task.continues === null ? [] : [['continues', task.continues] as const]),
    ...(task.retryOf === null ? [] : [['retry of', task.retryOf] as const]),
    ...('sessionId' in task && task.sessionId !== null ? [['session', task.sessionId] as const] : []),
    ...('endedAt' in task ? [['ended', task.endedAt] as const] : []),
    ...('reason' in task ? [['reason', task.reason] as const] : []),
    ...('changedFiles' in task ? [['changed', task.changedFiles.join(', ') || 'no file'] as const] : []),
    ...('summary' in task && task.summary !== '' ? [['summary', task.summary] as const] : []),
    ...('approvals' in task ? [['waits for', task.approvals.join(', ')] as const] : []),
    ['used', usageText(task)],
    ['text', task.text],
  ]);
}

function usageText({ usage: used, budget }: Task): string {
  const limits = [
    ...(budget.tokens === undefined ? [] : [`${budget.tokens} tokens`]),
    ...(budget.costUsd === undefined ? [] : [`${budget.costUsd} USD`]),
    ...(budget.minutes === undefined ? [] : [`${budget.minutes} minutes`]),
  ];
  const of = limits.length === 0 ? '' : ` (budget: ${limits.join(', ')})`;
  if (used === null) return `the agent does not say${of}`;
  const parts = [
    ...(used.totalTokens === null ? [] : [`${used.totalTokens} tokens`]),
    ...(used.cost === null ? [] : [`${used.cost.amount} ${used.cost.currency}`]),
    ...(used.contextUsed === null ? [] : [`context ${used.contextUsed} of ${used.contextSize ?? '?'}`]),
  ];
  return (parts.join(', ') || 'nothing that can be counted') + of;
}

/** What a task has changed, for a person: the list of files, and the diff below. */
export function diffText(diff: TaskDiff): string {
  const lines = diff.files.map(({ path, change, added, removed }) => {
    const counts = added === null || removed === null ? 'binary' : `+${added} -${removed}`;
    return `${change} ${plainLine(path, 200)} (${counts})`;
  });
  const marks = [
    ...(diff.final ? [] : ['the task still runs']),
    ...(diff.truncated ? ['cut'] : []),
    ...(diff.redacted ? ['secrets were replaced'] : []),
    ...(diff.note === '' ? [] : [diff.note]),
  ];
  return [
    ...(lines.length === 0 ? ['no file was changed'] : lines),
    ...(marks.length === 0 ? [] : [`(${marks.join('; ')})`]),
    ...(diff.diff === '' ? [] : ['', plainText(diff.diff)]),
  ].join('\n');
}

/**
 * The text of a task: the words, a file, or standard input for `-` and for no words at all.
 * @throws Failure `invalid_input`
 */
export function textOf(words: readonly string[], file: string | undefined): string {
  if (file !== undefined && words.length > 0) throw usage('give either words or --file, not both');
  const given = words.join(' ');
  const source = file ?? (given === '' || given === '-' ? '-' : null);
  if (source === null) return given;
  if (source === '-' && process.stdin.isTTY)
    throw usage('say what is to be done: words, --file FILE, or text on standard input');
  const text = read(source);
  if (text.trim() === '') throw usage('the text is empty');
  if (text.length > MAX_TEXT) throw usage(`the text is longer than ${MAX_TEXT} characters`);
  return text;
}

function read(source: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(source === '-' ? 0 : source);
  } catch (error) {
    throw usage(`${source} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`);
  }
  if (bytes.length > MAX_READ) throw usage(`the text is longer than ${MAX_TEXT} characters`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw usage(`${source === '-' ? 'standard input' : source} is not UTF-8 text`);
  }
}
