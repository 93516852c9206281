import { HANDOFF_FILES, type Handoff } from '../../../contract/handoff.ts';

/** Which run of the host works on it: another one never goes on with it. */
export interface Lease {
  readonly hostPid: number;
  readonly hostEpoch: number;
}

/**
 * `handoff-run-state.json`: what the last handoff of this workspace is about, for people and scripts. The host itself
 * never believes it; what counts is in the database. Pure.
 */
export function runStateText(handoff: Handoff, lease: Lease, updatedAt: string): string {
  const { id, kind, state, iteration, agent, mode, taskId, startedAt, endedAt, planSha256 } = handoff;
  const { stopReason, verdict, reason } = handoff;
  const body = {
    version: 1,
    updatedAt,
    id,
    kind,
    state,
    iteration,
    startedAt,
    finishedAt: endedAt,
    planHash: planSha256,
    agent,
    mode,
    taskId,
    pid: lease.hostPid,
    lease: state === 'running' ? lease : null,
    exitCode: state === 'running' ? null : state === 'completed' ? 0 : 1,
    timedOut: state === 'timed_out',
    durationMs: endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt),
    stopReason,
    verdict,
    reason,
    statusFile: HANDOFF_FILES.status,
    diffFile: HANDOFF_FILES.diff,
    logFile: HANDOFF_FILES.log,
    testsFile: HANDOFF_FILES.tests,
    reviewFile: HANDOFF_FILES.review,
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}
