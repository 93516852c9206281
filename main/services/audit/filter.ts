import type { AuditFilter, AuditRecord } from '../../../contract/audit.ts';

/** Whether a record fits every field of a filter that is present. */
export function fitsFilter(record: AuditRecord, filter: AuditFilter): boolean {
  const { fromAt, toAt, types, actor, workspaceId } = filter;
  return (
    // As times, not as text: "00:00:00Z" is later than "00:00:00.500Z" to the letter.
    (fromAt === undefined || Date.parse(record.at) >= Date.parse(fromAt)) &&
    (toAt === undefined || Date.parse(record.at) <= Date.parse(toAt)) &&
    (types === undefined || types.some((type) => isOfType(record.type, type))) &&
    (actor === undefined || record.actor.includes(actor)) &&
    (workspaceId === undefined || record.facts['workspaceId'] === workspaceId)
  );
}

/** `approval` names all types that begin with it, part by part; `approval.denied` itself alone. */
function isOfType(type: string, wanted: string): boolean {
  return type === wanted || type.startsWith(`${wanted}.`);
}
