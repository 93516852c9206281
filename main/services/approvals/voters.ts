import { DeviceId } from '../../../contract/ids.ts';

/**
 * Who counts as one when several must say yes: the owner is one person whatever they sit at (window, command line,
 * browser), every paired device is one of its own.
 */
export function memberOf(principal: string): string {
  return principal === 'owner' || principal.startsWith('owner:') ? 'owner' : principal;
}

/** The votes that still count: those of a device that is gone, or may answer no longer, do not. */
export function standing<T extends { readonly by: string }>(
  votes: readonly T[],
  mayApprove: (deviceId: DeviceId) => boolean,
): T[] {
  return votes.filter(({ by }) => {
    const id = by.startsWith('device:') ? DeviceId.safeParse(by.slice('device:'.length)) : null;
    return id === null || (id.success && mayApprove(id.data));
  });
}

/** Whether a voter is among those who asked, at any place of the chain: nobody approves what they have sent themselves. */
export function isRequester(principal: string, requester: readonly string[]): boolean {
  const member = memberOf(principal);
  return requester.some((part) => memberOf(part) === member);
}
