/**
 * The file beside a log that says in which order and when its pieces were read. A mark is written before the bytes
 * that it stands for: bytes without a mark do not exist, and a mark without bytes means nothing.
 */
export interface LogMark {
  /** Where in the log the piece begins. */
  readonly offset: number;
  /** Counts over both streams of a process and all their files. */
  readonly order: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The first piece of a run. */
  readonly run?: true;
}

/** Three numbers of 48 bits, big-endian, a byte that is 1 at the start of a run, and a check byte. */
export const MARK_BYTES = 20;

export function encodeMark({ offset, order, at, run }: LogMark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  bytes.writeUIntBE(offset, 0, 6);
  bytes.writeUIntBE(order, 6, 6);
  bytes.writeUIntBE(Math.max(0, Math.round(at)), 12, 6);
  bytes[MARK_BYTES - 2] = run ? 1 : 0;
  bytes[MARK_BYTES - 1] = checkOf(bytes, 0);
  return bytes;
}

/**
 * The marks in these bytes. Damaged ones are passed over, and so are those that stand for nothing: of two at one
 * offset the later counts, because the bytes of the earlier could not be written.
 * @returns ascending in offset and in order
 */
export function decodeMarks(bytes: Buffer): LogMark[] {
  const marks: LogMark[] = [];
  for (let at = 0; at + MARK_BYTES <= bytes.length; at += MARK_BYTES) {
    if (bytes[at + MARK_BYTES - 1] !== checkOf(bytes, at)) continue;
    const offset = bytes.readUIntBE(at, 6);
    const order = bytes.readUIntBE(at + 6, 6);
    let run = bytes[at + MARK_BYTES - 2] === 1;
    while ((marks.at(-1)?.offset ?? -1) >= offset) run = marks.pop()?.run === true || run;
    if ((marks.at(-1)?.order ?? -1) >= order) continue;
    marks.push({ offset, order, at: bytes.readUIntBE(at + 12, 6), ...(run && { run }) });
  }
  return marks;
}

function checkOf(bytes: Buffer, at: number): number {
  let check = 0xa5;
  for (let i = at; i < at + MARK_BYTES - 1; i += 1) check ^= bytes[i] ?? 0;
  return check;
}
