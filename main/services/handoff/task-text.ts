import { HANDOFF_FILES } from '../../../contract/handoff.ts';
import type { Plan } from './plan.ts';

/**
 * What the agent is told. The plan stands in the text itself: the file may be written by others while the agent works,
 * and what was approved is what is carried out. Pure.
 */
export function taskText(plan: Plan, iteration: number): string {
  return [
    `Carry out a handed-over plan: ${plan.title}`,
    '',
    `It is the content of ${HANDOFF_FILES.plan} (SHA-256 ${plan.sha256}${iteration > 1 ? `, iteration ${iteration}` : ''}). Where that file says something else by now, this text counts. Leave the file as it is.`,
    '',
    `At the end describe the outcome in ${HANDOFF_FILES.status} as Markdown: under "Status" one of done, partly, blocked; under "Changes" which files changed and why; under "Tests" what was run and how it went; under "Open" what is left and what the reviewer should look at. Nothing else in that folder is yours.`,
    '',
    'The plan:',
    '',
    plan.text.trim(),
  ].join('\n');
}
