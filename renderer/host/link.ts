import type { HostClient } from '../../contract/client.ts';

/** How the dashboard stands with its host; every screen shows the same one. */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline'; readonly reason: string }
  /** The host answers, but this browser was not admitted yet (or no longer is). */
  | { readonly kind: 'not-admitted' };

export interface HostLink {
  readonly client: HostClient;
  /** Calls back at once with the present state, then at every change. */
  watch(listener: (state: LinkState) => void): () => void;
  /** Try now instead of at the end of the present wait. */
  retry(): void;
}
