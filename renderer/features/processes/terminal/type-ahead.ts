/** What one call may carry; a paste is longer. */
const MOST = 65_536;

/**
 * Sends what is typed in order, one call at a time: keys that are pressed while one is under way go together in the
 * next. What fails is dropped with all that waits behind it, so that no half of a line arrives late.
 * @param send one piece; false when it did not arrive
 * @param lost told when something was dropped
 */
export function createTypeAhead(
  send: (text: string) => Promise<boolean>,
  lost: () => void,
): (text: string) => void {
  let waiting = '';
  let sending = false;

  async function drain(): Promise<void> {
    sending = true;
    while (waiting !== '') {
      const piece = waiting.slice(0, wholeLength(waiting));
      waiting = waiting.slice(piece.length);
      if (await send(piece)) continue;
      waiting = '';
      lost();
    }
    sending = false;
  }

  return (text) => {
    waiting += text;
    if (!sending) void drain();
  };
}

/** Never between the two halves of one character. */
function wholeLength(text: string): number {
  if (text.length <= MOST) return text.length;
  const code = text.charCodeAt(MOST - 1);
  return code >= 0xd800 && code <= 0xdbff ? MOST - 1 : MOST;
}
