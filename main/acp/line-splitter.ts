const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines without looking at what they say. A line keeps no line end; empty ones are left out.
 * @param onTooLong called instead of `onLine` once a line exceeds `maxBytes`; nothing more comes after it
 */
export function createLineSplitter(options: {
  maxBytes: number;
  onLine: (line: Buffer) => void;
  onTooLong: () => void;
}): (chunk: Buffer) => void {
  const { maxBytes, onLine, onTooLong } = options;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let broken = false;

  /** False once the line is too long. */
  function hold(piece: Buffer): boolean {
    heldBytes += piece.length;
    if (heldBytes <= maxBytes) {
      if (piece.length > 0) held.push(piece);
      return true;
    }
    broken = true;
    held = [];
    onTooLong();
    return false;
  }

  function emit(): void {
    const line = held.length === 1 ? (held[0] ?? Buffer.alloc(0)) : Buffer.concat(held);
    held = [];
    heldBytes = 0;
    const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
    if (end > 0) onLine(line.subarray(0, end));
  }

  return (chunk) => {
    let start = 0;
    while (!broken) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) {
        hold(chunk.subarray(start));
        return;
      }
      if (!hold(chunk.subarray(start, end))) return;
      emit();
      start = end + 1;
    }
  };
}
