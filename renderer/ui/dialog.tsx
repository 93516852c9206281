import { useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useHost } from '../host/use-host.tsx';
import { en } from '../texts/en.ts';
import { Icon } from './icons.tsx';
import { SafeText } from './safe-text.tsx';

export interface DialogProps {
  title: string;
  children: ReactNode;
  onClose(): void;
  wide?: boolean;
}

const FIELD = '.dialog-body :is(input, textarea, select):not(:disabled)';

/** The browser's own modal dialog: it keeps focus inside, closes with Escape and needs no style of its own making. */
export function Dialog({ title, children, onClose, wide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the dialog leaves the page: only then does the browser give the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) {
      dialog.showModal();
      // Left alone, the browser gives the focus to the first thing there is: the button that closes.
      (
        dialog.querySelector<HTMLElement>('[data-autofocus]') ?? dialog.querySelector<HTMLElement>(FIELD)
      )?.focus();
    }
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" aria-label={en.common.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </header>
      <div className="dialog-body">
        {children}
        <DialogFailure />
      </div>
    </dialog>
  );
}

/**
 * What went wrong last since the dialog opened. The list of notices lies behind the backdrop, where it can neither be
 * seen nor read out.
 */
function DialogFailure() {
  const { actions } = useHost();
  const [before] = useState(() => actions.store.getState().notices.at(-1)?.id ?? -1);
  const last = useStore(actions.store, ({ notices }) =>
    notices.findLast(({ id, outcome }) => id > before && outcome !== 'done'),
  );
  if (last === undefined || last.outcome === 'done') return null;
  return (
    <div className="failure" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{en.notices[last.outcome](last.text)}</strong> <SafeText text={last.detail} />
      </p>
    </div>
  );
}
