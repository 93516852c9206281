import { useEffect, useId, useRef, type ReactNode } from 'react';
import { en } from '../texts/en.ts';
import { Icon } from './icons.tsx';

export interface DialogProps {
  title: string;
  children: ReactNode;
  onClose(): void;
  wide?: boolean;
}

/** The browser's own modal dialog: it keeps focus inside, closes with Escape and needs no style of its own making. */
export function Dialog({ title, children, onClose, wide = false }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
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
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
