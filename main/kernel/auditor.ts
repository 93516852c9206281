export interface AuditEntry {
  /** `owner:desktop`, `device:ID`, `mcp:TOKEN`, `task:ID`, `host`. */
  readonly actor: string;
  /** `approval.decided`, `exec.started`, `fs.written` … */
  readonly type: string;
  /** What it was done to: an id, a name, a workspace-relative path. Never content. */
  readonly object: string;
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Writes the record of what happened. Resolves when the record is on the disk; rejects when it cannot be. */
export interface Auditor {
  append(entry: AuditEntry): Promise<void>;
}
