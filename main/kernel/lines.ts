/**
 * Cuts a byte stream into lines of UTF-8, each at most `maxBytes` long. Bytes are kept as they came until their line
 * is whole, so that a character split over two chunks survives.
 * @returns a function to feed; it throws RangeError when a line is too long
 */
export function createLineReader(maxBytes: number, onLine: (line: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      const piece = chunk.subarray(start, end);
      if (held + piece.length > maxBytes) throw new RangeError(`a line is at most ${maxBytes} bytes`);
      const line = parts.length === 0 ? piece : Buffer.concat([...parts, piece]);
      parts = [];
      held = 0;
      start = end + 1;
      onLine(line.toString('utf8'));
    }
    const rest = chunk.subarray(start);
    held += rest.length;
    if (held > maxBytes) throw new RangeError(`a line is at most ${maxBytes} bytes`);
    if (rest.length > 0) parts.push(rest);
  };
}
