/** How long a deleted session can be restored, in milliseconds. */
export const DELETED_KEPT_MS = 30 * 24 * 3_600_000;
