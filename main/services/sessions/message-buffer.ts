/** How much of a message that has not ended may wait for a place to be cut. */
const MAX_HELD = 65_536;

/** White space, and the letters and marks of scripts that are written without it. */
const BREAK = /\s|\p{Lo}|[\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f]/u;

/**
 * Where a message that is still growing may be cut: after white space, and never inside a private key block, so that
 * a secret is not split over two entries, each of which looks harmless. 0 when nothing can be written yet.
 */
export function cutPoint(text: string): number {
  if (text.length > MAX_HELD) return afterLastBlank(text) || text.length;
  let at = afterLastBlank(text);
  while (at > 0) {
    const begin = openBlock(text.slice(0, at));
    if (begin < 0) return at;
    at = afterLastBlank(text.slice(0, begin));
  }
  return 0;
}

/** Whether a private key block has begun that has not ended. */
export const isOpen = (text: string): boolean => openBlock(text) >= 0;

function afterLastBlank(text: string): number {
  let at = text.length;
  while (at > 0 && !BREAK.test(text[at - 1] ?? '')) at -= 1;
  return at;
}

/** Where a key block begins that has no end; -1 when there is none. */
function openBlock(text: string): number {
  const closed = [...text.matchAll(/-----END[^-\n]*-----/g)].at(-1);
  return text.indexOf('-----BEGIN', closed ? closed.index + closed[0].length : 0);
}
