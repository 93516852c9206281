import type { HostMode } from '../../../contract/host.ts';
import type { HostMessage } from '../../../contract/wire.ts';

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

/** What a device is told when the keys of its host were changed; both base64url of 32 bytes. */
export type NewKeys = Omit<Extract<HostMessage, { type: 'rotate' }>, 'type'>;
/** What a device hears that was away for long. */
export type Renewal = Extract<HostMessage, { type: 'renewal' }>;
