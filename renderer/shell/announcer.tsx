import { useEffect, useRef, useState } from 'react';
import { useHostState, useHostView } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { visibleText } from '../../contract/visible-text.ts';

/** Tells a screen reader about approvals that came in since the page was opened; nothing moves on the screen. */
export function Announcer() {
  const approvals = useHostState((state) => state.approvals);
  const known = useHostView((view) => view.known);
  const heard = useRef<ReadonlySet<string> | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    if (!known) return;
    const pending = Object.values(approvals).filter((approval) => approval.state === 'pending');
    const fresh = heard.current ? pending.filter((approval) => !heard.current?.has(approval.id)) : [];
    heard.current = new Set(pending.map((approval) => approval.id));
    const first = fresh[0];
    if (first) setText(en.approvals.announce(fresh.length, visibleText(first.title)));
  }, [approvals, known]);
  return (
    <p className="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      {text}
    </p>
  );
}
