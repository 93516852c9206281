import { createContext, useContext, useEffect, useReducer, useRef } from 'react';
import type { ReactNode } from 'react';
import { firstPairingState, nextPairing } from './pairing-state.ts';
import type { PairingEvent, PairingState } from './pairing-state.ts';

/** Carries one pairing out over the network. */
export interface PairingAttempt {
  /** Ends the attempt, closes its channel and removes the keys it made. Calling it again does nothing. */
  cancel(): void;
}

/**
 * Starts a pairing with the link and the name for this device. Reports `channel-ready` (again when the host says its
 * name, or after `channel-lost`), then `admitted`, or `failed`; nothing after `cancel`.
 */
export type StartPairing = (
  request: { readonly link: string; readonly deviceName: string },
  report: (event: PairingEvent) => void,
) => PairingAttempt;

const Pairing = createContext<StartPairing | undefined>(undefined);

export function PairingProvider(props: { start: StartPairing | undefined; children: ReactNode }) {
  return <Pairing.Provider value={props.start}>{props.children}</Pairing.Provider>;
}

export interface PairingControls {
  readonly state: PairingState;
  readonly begin: (link: string, deviceName: string) => void;
  readonly confirm: () => void;
  readonly reject: () => void;
  readonly restart: () => void;
}

/** The pairing of one screen; leaving the screen ends an attempt that is not finished. */
export function usePairing(): PairingControls {
  const start = useContext(Pairing);
  const [state, dispatch] = useReducer(nextPairing, firstPairingState);
  const attempt = useRef<PairingAttempt>(undefined);
  const end = (): void => {
    attempt.current?.cancel();
    attempt.current = undefined;
  };
  useEffect(() => end, []);
  return {
    state,
    begin(link, deviceName) {
      if (state.kind !== 'scanning' || attempt.current) return;
      dispatch({ kind: 'link-read' });
      if (start) attempt.current = start({ link, deviceName }, dispatch);
      else dispatch({ kind: 'failed', reason: 'not-available' });
    },
    confirm() {
      if (state.kind !== 'checking') return;
      dispatch({ kind: 'code-confirmed' });
    },
    reject() {
      end();
      dispatch({ kind: 'code-rejected' });
    },
    restart() {
      end();
      dispatch({ kind: 'restarted' });
    },
  };
}
