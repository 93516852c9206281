import type { AuditFilter } from '../../../contract/audit.ts';

/** What the fields hold: texts, empty where nothing is chosen. Times are local, as a browser's field gives them. */
export interface FilterDraft {
  readonly type: string;
  readonly actor: string;
  readonly workspaceId: string;
  readonly from: string;
  readonly to: string;
}

export const NO_FILTER: FilterDraft = { type: '', actor: '', workspaceId: '', from: '', to: '' };

/** The filter that the host is asked for; null when everything is wanted. A time that is half typed counts as none. */
export function toFilter({ type, actor, workspaceId, from, to }: FilterDraft): AuditFilter | null {
  const [fromAt, toAt] = [toInstant(from, 0), toInstant(to, MINUTE_MS - 1)];
  const filter: AuditFilter = {
    ...(fromAt !== null && { fromAt }),
    ...(toAt !== null && { toAt }),
    ...(type !== '' && { types: [type] }),
    ...(actor.trim() !== '' && { actor: actor.trim() }),
    ...(workspaceId !== '' && { workspaceId }),
  };
  return Object.keys(filter).length === 0 ? null : filter;
}

const MINUTE_MS = 60_000;

/** The field names a minute: the end of it is in, up to its last millisecond. */
function toInstant(local: string, plusMs: number): string | null {
  // Other forms are read differently by different browsers.
  const at = /^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(local) ? new Date(local).getTime() : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at + plusMs).toISOString();
}
