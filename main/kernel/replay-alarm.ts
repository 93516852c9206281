import type { DeviceId } from '../../contract/ids.ts';
import type { Auditor } from './auditor.ts';
import type { Replay } from './idempotency.ts';
import type { Clock } from './ports.ts';

/** One alert for a device in this time, in milliseconds: a flood of replays must not push other alerts off the list. */
const QUIET_MS = 600_000;

/** Puts every refused replay on record and tells the owner of the first one of a device. */
export function createReplayAlarm(deps: {
  clock: Clock;
  audit: Auditor;
  raise(kind: 'replay-refused', message: string): void;
}): (deviceId: DeviceId, name: string, why: Replay) => void {
  const { clock, audit, raise } = deps;
  const raisedAt = new Map<DeviceId, number>();

  return (deviceId, name, why) => {
    const facts = { command: name, why };
    void audit
      .append({ actor: `device:${deviceId}`, type: 'command.replayed', object: deviceId, facts })
      .catch(() => {});
    const now = clock.monotonic();
    const before = raisedAt.get(deviceId);
    if (before !== undefined && now - before < QUIET_MS) return;
    raisedAt.set(deviceId, now);
    raise(
      'replay-refused',
      `A device repeated "${name}" in a way that no phone of ours does. It was refused.`,
    );
  };
}
