import { sha256Hex } from '../../contract/action.ts';
import type { Action } from '../../contract/action.ts';
import type { ApprovalDetail } from '../../contract/approvals.ts';
import { unifiedDiff } from './line-diff.ts';
import type { ApprovalContent, DiffCheck } from './views.ts';

type Diff = ApprovalDetail['diffs'][number];

function checkOf(diff: Diff, action: Action): DiffCheck {
  const write = action.writes.find(({ path }) => path === diff.path);
  if (!write) return 'unbound';
  if (diff.truncated) return 'truncated';
  if (diff.redacted) return 'redacted';
  const base = diff.oldText === null ? null : sha256Hex(diff.oldText);
  return base === write.baseSha256 && sha256Hex(diff.newText) === write.newSha256 ? 'verified' : 'differs';
}

/** What the host says stands behind an action, with each text checked against the hashes that would be signed. */
export function readContent(action: Action, detail: ApprovalDetail): ApprovalContent {
  const shown = new Set(detail.diffs.map(({ path }) => path));
  return {
    diffs: detail.diffs.map((diff) => ({
      path: diff.path,
      diff: unifiedDiff(diff.path, diff.oldText, diff.newText),
      check: checkOf(diff, action),
    })),
    notShown: action.writes.map(({ path }) => path).filter((path) => !shown.has(path)),
    agentSays: detail.agentSays,
  };
}
