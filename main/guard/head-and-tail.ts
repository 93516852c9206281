/** A piece of an output, by byte offsets into all that was ever added. */
export interface OutputPiece {
  /** Whole characters. */
  readonly text: string;
  /** Of the first byte of `text`. Behind what was asked for: what is in between was dropped. */
  readonly offset: number;
  readonly nextOffset: number;
  /** Offset of the end. */
  readonly end: number;
}

/** The beginning and the end of an output; what is in between is counted. */
export interface HeadAndTail {
  /** Takes whole characters. */
  add(text: string): void;
  /** Both parts as text, with a line in between that says how much is missing. */
  text(): string;
  /** @param maxBytes at least 4, so that every character fits */
  read(offset: number, maxBytes: number): OutputPiece;
  readonly droppedBytes: number;
  /** Offset of the end: the bytes that were ever added. */
  readonly end: number;
}

/** @param maxBytes how much is kept: one half for the beginning, one for the end */
export function createHeadAndTail(maxBytes: number): HeadAndTail {
  const half = Math.floor(maxBytes / 2);
  const head = createPart();
  let isHeadFull = false;
  const tail = createPart();
  let dropped = 0;
  let end = 0;

  function trim(): void {
    const whole = tail.whole();
    const kept = whole.subarray(nextStart(whole, Math.max(0, whole.length - half)));
    dropped += whole.length - kept.length;
    tail.set(kept);
  }

  return {
    get droppedBytes() {
      if (tail.bytes() > half) trim();
      return dropped;
    },
    get end() {
      return end;
    },
    add(text) {
      const chunk = Buffer.from(text);
      end += chunk.length;
      const room = isHeadFull ? 0 : lastStart(chunk, half - head.bytes());
      isHeadFull ||= room < chunk.length;
      if (room > 0) head.add(chunk.subarray(0, room));
      if (room < chunk.length) tail.add(chunk.subarray(room));
      // Copied only now and then, so that many small pieces cost no more than their bytes.
      if (tail.bytes() > half * 2 + 65_536) trim();
    },
    text() {
      if (tail.bytes() > half) trim();
      const [first, last] = [head.whole().toString('utf8'), tail.whole().toString('utf8')];
      return dropped === 0 ? first + last : `${first}\n… ${dropped} bytes left out …\n${last}`;
    },
    read(asked, most) {
      if (tail.bytes() > half) trim();
      const inHead = asked < head.bytes();
      const part = inHead ? head : tail;
      const base = inHead ? 0 : end - tail.bytes();
      const whole = part.whole();
      const from = nextStart(whole, Math.min(Math.max(0, asked - base), whole.length));
      const rest = whole.subarray(from);
      const piece = rest.subarray(0, lastStart(rest, most));
      const offset = base + from;
      return { text: piece.toString('utf8'), offset, nextOffset: offset + piece.length, end };
    },
  };
}

function createPart() {
  let pieces: Buffer[] = [];
  let bytes = 0;
  return {
    bytes: () => bytes,
    add(piece: Buffer): void {
      pieces.push(piece);
      bytes += piece.length;
    },
    set(whole: Buffer): void {
      pieces = [Buffer.from(whole)];
      bytes = whole.length;
    },
    whole(): Buffer {
      const [only = Buffer.alloc(0), ...others] = pieces;
      if (others.length === 0) return only;
      const joined = Buffer.concat(pieces);
      pieces = [joined];
      return joined;
    },
  };
}

const isInside = (bytes: Buffer, at: number): boolean =>
  at > 0 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;

/** The first place from `at` on where a character begins, or the end. */
function nextStart(bytes: Buffer, at: number): number {
  let start = at;
  while (isInside(bytes, start)) start += 1;
  return start;
}

/** The last place up to `at` where a character begins, or the end of the bytes. */
function lastStart(bytes: Buffer, at: number): number {
  let start = Math.min(at, bytes.length);
  while (isInside(bytes, start)) start -= 1;
  return start;
}
