import type { ReliableRecord } from './reliable-record.ts';
import type { Welcome } from './wire.ts';

/**
 * - `accepted`
 * - `rolled-back`  the host shows an older state than before: a copy was put back, or somebody else holds its key
 * - `downgraded`   it demands less than it once did, or this app speaks less than it once did with it
 * - `outdated`     it demands more than this app can
 */
export type WelcomeVerdict = 'accepted' | 'rolled-back' | 'downgraded' | 'outdated';

/** Whether a device goes on with a host that greets it so. `version` is the channel version that this app speaks. */
export function judgeWelcome(
  seen: Pick<ReliableRecord, 'answered' | 'epoch' | 'version' | 'minVersion'>,
  welcome: Pick<Welcome, 'epoch' | 'counter' | 'minVersion'>,
  version: number,
): WelcomeVerdict {
  if (welcome.minVersion > version) return 'outdated';
  if (version < seen.version || welcome.minVersion < seen.minVersion) return 'downgraded';
  if (welcome.epoch < seen.epoch || welcome.counter < seen.answered) return 'rolled-back';
  return 'accepted';
}
