/**
 * Cuts a piece of UTF-8 out of a file so that no character is torn apart. Pure.
 * @param bytes what was read; @param skipStart the piece begins anywhere, so a torn first character is left out
 * @param isEnd nothing follows in the file, so a torn last character stays (it reads as U+FFFD)
 * @returns how many bytes to leave out at the start, and the offset behind the last whole character
 */
export function utf8Bounds(
  bytes: Uint8Array,
  skipStart: boolean,
  isEnd: boolean,
): { start: number; end: number } {
  let start = 0;
  if (skipStart) while (start < Math.min(3, bytes.length) && isContinuation(bytes[start])) start += 1;
  if (isEnd) return { start, end: bytes.length };
  let lead = bytes.length - 1;
  while (lead > start && lead > bytes.length - 4 && isContinuation(bytes[lead])) lead -= 1;
  const torn = lead >= start && lead + sequenceLength(bytes[lead]) > bytes.length;
  // A piece shorter than one character would never get on: it is handed out as it is.
  return { start, end: torn && lead > start ? lead : bytes.length };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function sequenceLength(byte: number | undefined): number {
  if (byte === undefined || byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
