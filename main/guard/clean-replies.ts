import { isOwner } from '../kernel/caller.ts';
import type { Router } from '../kernel/router.ts';
import type { Outbound } from './outbound.ts';

/** Commands whose answers only tell about the work. All others hold hashes, signatures or keys, or were cleaned before. */
const TELLS = /^(?:tasks|sessions|supervisor|agents|workspaces|remote|tunnels|host)\./;

/**
 * The single door behind the outbound gate. What was wrong may quote what was given: errors are cleaned for everybody.
 * What tells about the work is cleaned for everybody but the owner at this machine.
 */
export function cleanReplies(router: Router, outbound: Pick<Outbound, 'value'>): Router {
  return async (caller, name, input) => {
    const reply = await router(caller, name, input);
    if (!reply.ok) return { ok: false, error: outbound.value('error', reply.error) };
    const tells = !isOwner(caller) && TELLS.test(name);
    return tells ? { ok: true, value: outbound.value('state', reply.value) } : reply;
  };
}
