import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { en } from '../texts/en.ts';
import { Dialog } from './dialog.tsx';

export interface ConfirmProps {
  title: string;
  children: ReactNode;
  /** What the button says: the deed, not "OK". */
  action: string;
  danger?: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** Says what becomes possible or is lost; the way back comes first and has the focus. */
export function Confirm({ title, children, action, danger = false, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">{children}</div>
      <footer className="buttons">
        <Button variant="default" onClick={onClose} data-autofocus>
          {en.common.cancel}
        </Button>
        <Button
          color={danger ? 'danger' : 'accent'}
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}
