import type { ApprovalStatement } from '../../../contract/action.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { HostMode } from '../../../contract/host.ts';

export interface Devices {
  /**
   * Checks the signature of a device under an answer and uses up its counter.
   * @throws HostError `not_permitted` for a bad signature, `conflict` for a counter that was used
   */
  verifyStatement(deviceId: DeviceId, statement: ApprovalStatement, signature: string): void;
}

export interface ModeSource {
  mode(): HostMode;
}
