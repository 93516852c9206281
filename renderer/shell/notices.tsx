import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { Notice } from '../host/actions.ts';
import { useHost } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { Icon } from '../ui/icons.tsx';
import { SafeText } from '../ui/safe-text.tsx';

const faces = {
  done: { tone: 'ok', icon: 'check' },
  failed: { tone: 'danger', icon: 'cross' },
  unknown: { tone: 'warning', icon: 'question' },
} as const;

/** What became of the last actions. Good news goes by itself, the rest stays until it is read. */
export function Notices() {
  const { actions } = useHost();
  const notices = useStore(actions.store, (view) => view.notices);
  return (
    <ol className="notices" aria-live="polite" aria-label={en.notices.label}>
      {notices.map((notice) => (
        <NoticeView key={notice.id} notice={notice} onClose={() => actions.dismiss(notice.id)} />
      ))}
    </ol>
  );
}

function NoticeView({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const { actions } = useHost();
  const { tone, icon } = faces[notice.outcome];
  useEffect(() => {
    if (notice.outcome !== 'done') return;
    const timer = window.setTimeout(() => actions.dismiss(notice.id), 4000);
    return () => window.clearTimeout(timer);
  }, [actions, notice]);
  return (
    <li className="notice" data-tone={tone}>
      <Icon name={icon} />
      <p>
        {notice.outcome === 'done' ? notice.text : <strong>{en.notices[notice.outcome](notice.text)}</strong>}
        {notice.detail !== '' && (
          <span className="notice-detail">
            <SafeText text={notice.detail} />
          </span>
        )}
      </p>
      <button type="button" className="icon-button" aria-label={en.common.close} onClick={onClose}>
        <Icon name="cross" />
      </button>
    </li>
  );
}
