import { SessionId } from '../../contract/ids.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import { settled } from './action-deps.ts';
import type { Outcome } from './action-deps.ts';
import type { HostLink } from './host-link.ts';
import type { HostAction } from './views.ts';

export type SessionAction = Extract<
  HostAction,
  { kind: 'end-session' | 'cancel-turn' | 'set-session-mode' | 'set-session-option' }
>;

/** What a person does with an open session: ends its turn or all of it, and sets what its agent lets be set. */
export async function actOnSession(
  link: Pick<HostLink, 'submit'>,
  action: SessionAction,
  told: (state: DeliveryState) => void,
): Promise<Outcome> {
  const sessionId = SessionId.parse(action.sessionId);
  switch (action.kind) {
    case 'end-session':
      return settled(await link.submit('sessions.close', { sessionId }, told));
    case 'cancel-turn':
      return settled(await link.submit('sessions.cancel', { sessionId }, told));
    case 'set-session-mode': {
      const { modeId } = action;
      return settled(await link.submit('sessions.setMode', { sessionId, modeId }, told));
    }
    case 'set-session-option': {
      const { optionId, value } = action;
      return settled(await link.submit('sessions.setOption', { sessionId, optionId, value }, told));
    }
  }
}
