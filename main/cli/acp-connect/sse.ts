const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * Cuts an event stream into the data of its events (WHATWG HTML, 9.2.6), as bytes. Lines of data of one event are
 * joined by a blank, for they are one JSON text; other fields are left out.
 * @param onTooLong called once when an event exceeds `maxBytes`; nothing comes after it
 */
export function createEventReader(options: {
  maxBytes: number;
  onData: (data: Buffer) => void;
  onTooLong: () => void;
}): (chunk: Buffer) => void {
  let line: Buffer[] = [];
  let data: Buffer[] = [];
  let held = 0;
  let afterCr = false;
  let isOver = false;

  function endLine(): void {
    const text = line.length === 1 ? (line[0] ?? Buffer.alloc(0)) : Buffer.concat(line);
    line = [];
    if (text.length > 0) {
      const value = dataOf(text);
      if (value) data.push(value);
      else held -= text.length;
      return;
    }
    const event = data.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from([SPACE]), part]));
    data = [];
    held = 0;
    const whole = Buffer.concat(event);
    if (whole.length > 0) options.onData(whole);
  }

  /** False once the event is too long. */
  function hold(piece: Buffer): boolean {
    held += piece.length;
    if (piece.length > 0) line.push(piece);
    if (held <= options.maxBytes) return true;
    isOver = true;
    [line, data] = [[], []];
    options.onTooLong();
    return false;
  }

  return (chunk) => {
    let start = afterCr && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) afterCr = false;
    while (!isOver) {
      const end = lineEnd(chunk, start);
      if (end < 0) {
        hold(chunk.subarray(start));
        return;
      }
      if (!hold(chunk.subarray(start, end))) return;
      endLine();
      const isCr = chunk[end] === CR;
      start = end + (isCr && chunk[end + 1] === LF ? 2 : 1);
      afterCr = isCr && end + 1 === chunk.length;
    }
  };
}

function lineEnd(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(LF, from);
  const cr = (lf < 0 ? chunk.subarray(from) : chunk.subarray(from, lf)).indexOf(CR);
  return cr < 0 ? lf : from + cr;
}

/** The value of a line `data: VALUE`; null for every other line. */
function dataOf(line: Buffer): Buffer | null {
  // A byte order mark may stand before the first line.
  const text = line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
  if (text.subarray(0, 4).toString('latin1') !== 'data' || text[4] !== COLON) return null;
  return text.subarray(text[5] === SPACE ? 6 : 5);
}
