import type { DeviceId } from '../../../contract/ids.ts';
import type { Rule } from '../../../contract/policy.ts';

/** The prompt of the system for the person at this desktop: Touch ID, or the password that stands in for it. */
export interface OsPrompt {
  available(): boolean;
  /** Resolves with false when the person declined or did not answer. `reason` is shown; it is never a client's text. */
  confirm(reason: string): Promise<boolean>;
}

/** Where no system prompt exists: a host without a display, or a system that has none. */
export const noOsPrompt: OsPrompt = { available: () => false, confirm: () => Promise.resolve(false) };

/** The keys of paired phones. */
export interface DeviceKeys {
  /** Whether any paired phone has a key that it can sign with. */
  canSign(): boolean;
  /** Whether the approval key of this device signed the bytes: raw P-256 signature, base64url. */
  isSigned(deviceId: DeviceId, bytes: Uint8Array, signature: string): boolean;
}

/** Where pages of this host are served now. */
export interface Sites {
  /** `http://127.0.0.1:PORT` of the dashboard; null while it is not served. */
  dashboard(): string | null;
  /** Serves the dashboard if it is not, and answers with the same. */
  openDashboard(): Promise<string>;
  /** The address of the tunnel, and whether its name lasts longer than the tunnel. */
  tunnel(): { readonly url: string; readonly isStable: boolean } | null;
}

/** The rules that ask questions, with what their answers need. */
export interface OwnRules {
  get(): readonly Rule[];
}
