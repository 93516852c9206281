import type { RemotePermissions } from '../../../contract/remote.ts';
import type { Auditor } from '../../kernel/auditor.ts';

export interface PermissionMode {
  /** What the owner has set, once that it differs from before is on record. Rejects while it cannot be recorded. */
  onRecord(): Promise<RemotePermissions>;
}

/**
 * Who answers the agents' requests for leave. `host` is what everybody expects and needs no record; that anything else
 * was set, and that it was taken back, stands in the audit before it counts.
 */
export function createPermissionMode(deps: {
  readonly configured: () => RemotePermissions;
  readonly audit: Auditor;
  readonly changed: () => void;
}): PermissionMode {
  const { configured, audit, changed } = deps;
  let recorded: RemotePermissions = 'host';
  let recording: Promise<unknown> = Promise.resolve();

  async function record(): Promise<RemotePermissions> {
    const permissions = configured();
    if (permissions === recorded) return recorded;
    const facts = { permissions, before: recorded };
    await audit.append({ actor: 'host', type: 'acp.permissions', object: 'remote', facts });
    recorded = permissions;
    changed();
    return recorded;
  }

  return {
    onRecord() {
      const mode = recording.then(record);
      recording = mode.catch(() => {});
      return mode;
    },
  };
}
