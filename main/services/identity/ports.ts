import type { HostMode } from '../../../contract/host.ts';

/** Where a phone can reach this host. */
export interface Addresses {
  /** `name[:port]` for the pairing text, best first. */
  hosts(): readonly string[];
  /** Address of the phone web app, without a fragment. */
  page(): string;
}

export interface HostFacts {
  readonly id: string;
  name(): string;
  mode(): HostMode;
}
