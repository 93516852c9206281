/** How much of a message that has not ended may wait for a place to be cut. */
const MAX_HELD = 65_536;

/**
 * Where a message that is still growing may be cut: after white space, and never inside a private key block, so that
 * a secret is not split over two entries, each of which looks harmless. 0 when nothing can be written yet.
 */
export function cutPoint(text: string): number {
  const begin = text.lastIndexOf('-----BEGIN');
  const end = text.lastIndexOf('-----END');
  const held = text.length <= MAX_HELD;
  const safe = held && begin > end ? text.slice(0, begin) : text;
  for (let at = safe.length; at > 0; at -= 1) {
    if (/\s/.test(safe[at - 1] ?? '')) return at;
  }
  return held ? 0 : text.length;
}
