import { HostError } from '../../../contract/errors.ts';
import type { ListPlace } from './session-store.ts';

/** A place in the list as a client carries it: opaque to it, judged anew when it comes back. */
export function listCursor({ createdAt, id }: ListPlace): string {
  return `${createdAt}~${id}`;
}

/** @throws HostError `invalid_input` for anything that no page gave out */
export function placeOf(cursor: string): ListPlace {
  const [, createdAt, id] = /^(\d{4}-[\d:.TZ-]{8,32})~([A-Za-z0-9_-]{1,128})$/.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined)
    throw new HostError('invalid_input', 'cursor: not one that a page of this list gave out');
  return { createdAt, id };
}
