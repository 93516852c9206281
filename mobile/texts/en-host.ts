/** What is said about hosts, in English. */

/** How a host can be reached. */
export const link = {
  connecting: 'Connecting',
  online: 'Online',
  offline: 'Offline',
  refused: 'Refused',
  'locked-down': 'Locked down',
  renewal: 'Waiting for its owner',
  'renewal-over': 'Not renewed',
  'rolled-back': 'Put back',
  downgraded: 'Older version',
  outdated: 'App too old',
  offlineBanner: (host: string, when: string) => `${host} is offline. You see what it said ${when}.`,
  lockedDownBanner: (host: string) =>
    `${host} is locked down: everything there is off until its owner resumes it at the desktop. This device is still paired.`,
  renewalBanner: (host: string) =>
    `This phone was away for 30 days. Compare the code on ${host} in the Host tab.`,
  renewalOverBanner: (host: string) =>
    `${host} did not take this device in again. Try again in the Host tab.`,
  rolledBackBanner: (host: string) =>
    `${host} shows an older state than before. Nothing is sent to it until you say in the Host tab that this was meant.`,
  downgradedBanner: (host: string) =>
    `${host} asks for less protection than it once did. Nothing is sent to it.`,
  outdatedBanner: (host: string) => `${host} needs a newer version of this app. Update it to go on.`,
  alteredBanner: (host: string) => `The record of ${host} was altered or put back. See the Host tab.`,
  farewell: (host: string) =>
    `${host} removed this device. Its keys and everything it kept of this host were wiped.`,
  takenNote: 'OK',
  neverHeardBanner: (host: string) => `${host} cannot be reached. Nothing was heard from it yet.`,
  refusedBanner: (host: string) =>
    `${host} no longer knows this device, or it is locked down. Remove it in the host tab and pair again.`,
  connectingBanner: (host: string) => `Connecting to ${host}…`,
};

/** The tab of the hosts. */
export const host = {
  tunnel: 'Tunnel',
  tunnelState: { off: 'Off', opening: 'Opening', open: 'Exposed', failed: 'Failed' },
  closeTunnel: 'Close the tunnel',
  bash: 'Commands',
  bashMode: { off: 'Off', safe: 'Safe', full: 'Full' },
  pause: 'Pause all agents',
  pauseHint: 'What runs goes on; agents get nothing new to do until it is resumed on the host itself.',
  pausedHint: 'Agents are paused: they get no new work. They are resumed on the host itself.',
  lockedDownHint:
    'Locked down: agents stopped, tunnels closed, sessions ended. Only its owner can resume it, on the host itself.',
  waiting: (n: number) =>
    n === 1
      ? '1 command waits for the answer of this host.'
      : `${String(n)} commands wait for the answer of this host.`,
  record: 'Record of this host',
  recordNone: 'This device has not seen the audit log yet.',
  recordSeen: (size: number, when: string) =>
    `This device has seen ${String(size)} records, ${when}. Each later look must continue them.`,
  altered: 'The record of this host was altered or put back.',
  alteredHow: {
    smaller: 'It has fewer records than this device saw before.',
    inconsistent: 'It does not continue the records that this device saw before.',
    'other-log': 'It is another record, or signed with another key than before.',
    'bad-signature': 'It is not signed as it must be.',
  },
  alteredHint:
    'Somebody may have changed or deleted what happened. Look at the host before you approve anything. Acknowledge it only when you know why.',
  acknowledge: 'I know why. Begin anew',
  rolledBack: 'This host shows an older state than it did before.',
  rolledBackHint:
    'Either somebody put back a backup, or somebody else has a copy of its state. Nothing was sent to it.',
  rolledBackYes: 'Its state was put back on purpose',
  renewalTitle: 'This phone was away for 30 days',
  renewalHint:
    'Compare this code on the host and approve this device there. Until then nothing is sent, and what you see here is old.',
  remove: (host: string) => `Remove ${host} from this device`,
  knock: 'Try again',
  lockDown: 'Lock down',
  lockDownConfirm: 'Yes, lock down now',
  lockDownOr: 'Hold “Lock down” until the bar is full, or confirm here.',
  lockDownHint:
    'Stops every agent, denies what waits, closes every tunnel and ends every session, this one included. Only the owner at the host can resume it.',
};
