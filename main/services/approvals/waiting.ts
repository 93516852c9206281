import { ApprovalId } from '../../../contract/ids.ts';
import { HOST_STOPS, type PermissionRequest } from '../../kernel/approver.ts';
import type { ApprovalStore, Keeping } from './approval-store.ts';
import type { Answer } from './steps.ts';

/** What an asker is told. Of all that wait for one answer, one alone may act on it. */
export interface Told {
  readonly answer: Answer;
  readonly mayAct: boolean;
}

/** A question that is open in this run of the host. */
export interface Live extends Keeping {
  readonly policySha256: string;
  /** Done when it is on record and on the disk. */
  readonly ready: Promise<void>;
  /** In the order in which they came; the first one that is still there acts. */
  readonly waiters: Set<(told: Told) => void>;
}

interface Around {
  readonly store: ApprovalStore;
  readonly now: () => string;
  readonly isOpen: () => boolean;
  readonly showAskers: (id: string) => void;
  readonly cancel: (id: string, reason: string) => Promise<void>;
}

/**
 * One asker of an open question, until the answer or until it goes away. The last one that goes takes its question
 * along, unless only the host stops and it can come again.
 */
export async function waitFor(
  id: string,
  question: Live,
  request: PermissionRequest,
  { store, now, isOpen, showAskers, cancel }: Around,
): Promise<Told> {
  const signal = request.signal;
  const gone = () => (signal?.reason === HOST_STOPS ? HOST_STOPS : 'the asker is gone');
  const told = (reason: string): Told => {
    const approval = store.get(id);
    const answer: Answer =
      approval.state === 'pending' ? { ...approval, state: 'cancelled', decidedAt: now(), reason } : approval;
    return { answer, mayAct: false };
  };
  if (!isOpen()) return told(HOST_STOPS);
  let tell: (told: Told) => void = () => {};
  const answered = new Promise<Told>((resolve) => (tell = resolve));
  question.waiters.add(tell);
  const quit = () => {
    if (isOpen()) showAskers(id);
    tell(told(gone()));
  };
  const leave = () => {
    question.waiters.delete(tell);
    const stays = question.waiters.size > 0 || (gone() === HOST_STOPS && question.comesAgain);
    if (stays) quit();
    else void cancel(id, gone()).then(quit);
  };
  signal?.addEventListener('abort', leave, { once: true });
  if (signal?.aborted) leave();
  request.onAsked?.(ApprovalId.parse(id));
  try {
    return await answered;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}
