import { useCallback, useEffect, useMemo, useState } from 'react';
import { useConnection } from '../../host/connection.tsx';
import type { ApprovalView, ContentAnswer, HostView } from '../../host/views.ts';
import { foldedParts, review } from './review.ts';
import type { PartId, Review } from './review.ts';

/** What stands behind an approval: fetched once while the host is there, again when it comes back. */
function useContent(host: HostView | undefined, approvalId: string): ContentAnswer | undefined {
  const connection = useConnection();
  const [answer, setAnswer] = useState<ContentAnswer>();
  const hostId = host?.id;
  const wanted = host?.link.kind === 'online' && host.scopes.includes('approve') && answer?.kind !== 'ready';
  useEffect(() => {
    if (!connection || hostId === undefined || !wanted) return undefined;
    let current = true;
    void connection.content(hostId, approvalId).then((next) => {
      if (current) setAnswer(next);
    });
    return () => {
      current = false;
    };
  }, [connection, hostId, approvalId, wanted]);
  return answer;
}

/** One approval as it is being looked at. */
export interface Reviewed {
  readonly answer: ContentAnswer | undefined;
  readonly review: Review;
  isFolded(part: PartId): boolean;
  open(part: PartId): void;
}

/** Fetches the content of an approval and keeps count of what was opened of it. */
export function useReview(
  host: HostView | undefined,
  approval: ApprovalView | undefined,
  approvalId: string,
): Reviewed {
  const answer = useContent(host, approvalId);
  const [opened, setOpened] = useState<ReadonlySet<PartId>>(new Set());
  const open = useCallback((part: PartId) => {
    setOpened((before) => new Set([...before, part]));
  }, []);
  return useMemo(() => {
    const folded = approval && answer?.kind === 'ready' ? foldedParts(approval, answer.content) : [];
    return {
      answer,
      review: approval ? review(approval, answer, opened) : { kind: 'blocked' },
      isFolded: (part) => folded.includes(part) && !opened.has(part),
      open,
    };
  }, [answer, approval, open, opened]);
}
