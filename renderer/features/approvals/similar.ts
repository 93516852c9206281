import type { Approval } from '../../../contract/approvals.ts';

export interface Group {
  readonly key: string;
  readonly approvals: readonly Approval[];
}

const TOKENS = 2;

/** What is alike: the same kind, agent and workspace, and commands that begin with the same two tokens. */
export function groupKey({ action }: Approval): string {
  const begins = action.exec?.argv.slice(0, TOKENS) ?? [];
  return JSON.stringify([action.kind, action.agent, action.workspaceId, begins]);
}

/** The open approvals by likeness, in the order in which each group first appears. */
export function groupsOf(approvals: readonly Approval[]): Group[] {
  const groups = new Map<string, Approval[]>();
  for (const approval of approvals) {
    const key = groupKey(approval);
    groups.set(key, [...(groups.get(key) ?? []), approval]);
  }
  return [...groups].map(([key, members]) => ({ key, approvals: members }));
}

/**
 * Whether a yes can be given among many: nothing that must be read first, proven or confirmed on its own. A no always
 * can.
 */
export function fitsBatch(approval: Approval): boolean {
  const { mustOpen, need, risk, state } = approval;
  return state === 'pending' && !mustOpen && need.stepUp === 'none' && need.approvers === 1 && risk < 4;
}
