import type { HostState } from '../../contract/host-state.ts';
import type { Texts } from './texts.ts';
import { pendingApprovals, pendingDevices } from './tray-status.ts';

/** What a notification says and where its click leads. Never holds what an agent wants to do. */
export interface Notice {
  readonly title: string;
  readonly route: string;
}

/** More than this at once becomes one notification. */
const SINGLE = 2;

/**
 * What is new since the last look. Pure but for what it remembers: each approval and each device is told once.
 * @returns a function of the state; its answer is empty when nothing is new
 */
export function createNoticeWatch(texts: Texts): (state: HostState) => readonly Notice[] {
  let known: ReadonlySet<string> = new Set<string>();
  return (state) => {
    const approvals = pendingApprovals(state);
    const devices = pendingDevices(state);
    const fresh = approvals.filter(({ id }) => !known.has(id));
    const freshDevices = devices.filter((id) => !known.has(id));
    // Only what still waits is remembered, so that this does not grow.
    known = new Set<string>([...approvals.map(({ id }) => id), ...devices]);
    const { notify } = texts;
    return [
      ...(fresh.length > SINGLE
        ? [{ title: notify.approvals(fresh.length), route: '#/approvals' }]
        : fresh.map(({ id, risk }) => ({
            title: notify.approval(texts.risk[risk]),
            route: `#/approvals/${id}`,
          }))),
      ...(freshDevices.length > 0 ? [{ title: notify.device, route: '#/devices' }] : []),
    ];
  };
}
