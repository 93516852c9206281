import type { Home } from './kernel/home.ts';
import type { Log } from './kernel/ports.ts';
import { openRollbackAnchor } from './kernel/rollback-anchor.ts';
import type { HostService } from './services/host/host-service.ts';

/**
 * A state that is older than it was may let in who was shut out since: the host is locked down until the owner has
 * looked. What follows is on the disk before the anchor is moved, so that a crash in between changes nothing.
 */
export async function checkAnchor(deps: {
  home: Pick<Home, 'anchors' | 'root'>;
  epoch: number;
  /** Records of the audit log before this host wrote any. */
  records: number;
  host: Pick<HostService, 'info' | 'shut' | 'raise'>;
  log: Log;
}): Promise<void> {
  const { home, epoch, records, host, log } = deps;
  const anchor = openRollbackAnchor(home.anchors, home.root, { id: host.info().id, epoch });
  const verdict = anchor.compare();
  if (verdict.kind === 'rolled-back') {
    await host.shut(`start ${epoch} comes after start ${verdict.seen}: the state was put back`);
    host.raise(
      'state-rolled-back',
      `The state of this host was put back to an older copy (start ${epoch} after start ${verdict.seen}). It is locked down: check devices, rules and tokens, then resume.`,
    );
  }
  // The first start of a state beside a log that is not new: whatever was shut out is forgotten.
  if (epoch === 1 && records > 0) {
    await host.shut(`the state is new, and the log holds ${records} records: the state was lost`);
    host.raise(
      'state-rolled-back',
      'The state of this host was lost: devices, tokens and the lock-down it may have been in. It is locked down: look at what is here, then resume.',
    );
  }
  try {
    anchor.drop();
  } catch (error) {
    log.warn(
      { error: String(error) },
      'an older copy of this state could not be told from it at the next start',
    );
  }
}
