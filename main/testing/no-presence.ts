import { HostError } from '../../contract/errors.ts';
import type { PresenceVerifier } from '../services/approvals/ports.ts';

/** Where nobody can prove that they are there: what needs a proof is not answered with yes. */
export const noPresence: PresenceVerifier = {
  canProve: () => false,
  recent: () => null,
  verify: () => Promise.reject(new HostError('not_permitted', 'nothing here proves presence')),
};
