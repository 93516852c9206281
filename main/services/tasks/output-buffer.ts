const CONTINUATION = 0xc0;

/** The end of an output, in bytes, that begins at a whole character. */
export interface OutputBuffer {
  add(chunk: Uint8Array): void;
  /** Decoded; bytes that are no UTF-8 become replacement characters. */
  text(): string;
  /** Something at the beginning was dropped. */
  readonly truncated: boolean;
}

/** @param maxBytes how much of the end is kept */
export function createOutputBuffer(maxBytes: number): OutputBuffer {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let truncated = false;

  function trim(): void {
    const whole = Buffer.concat(chunks);
    let start = Math.max(0, whole.length - maxBytes);
    // Never from the middle of a character: the bytes that continue one are skipped.
    while (start > 0 && start < whole.length && ((whole[start] ?? 0) & CONTINUATION) === 0x80) start += 1;
    const kept = whole.subarray(start);
    truncated ||= start > 0;
    chunks = [kept];
    bytes = kept.length;
  }

  return {
    get truncated() {
      return truncated || bytes > maxBytes;
    },
    add(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      // Copied only now and then, so that many small pieces cost no more than their bytes.
      if (bytes > maxBytes * 2 + 65_536) trim();
    },
    text() {
      if (bytes > maxBytes) trim();
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}
