/** What is read of a JSON-RPC message. Frames are forwarded as the bytes they came as; this only looks at them. */
export interface Message {
  readonly id?: Id;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: unknown;
  readonly error?: unknown;
}
export type Id = string | number | null;
export type Fields = Readonly<Record<string, unknown>>;

const NEWLINE = Buffer.from('\n');

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A frame as JSON; undefined when it is none. */
export function readJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** One message; null for anything else, which is nobody's business but the two ends'. */
export function asMessage(value: unknown): Message | null {
  if (!isFields(value)) return null;
  const { id, method, params } = value;
  const isId = typeof id === 'string' || typeof id === 'number' || id === null;
  if (!isId && typeof method !== 'string') return null;
  return {
    ...(isId && { id }),
    ...(typeof method === 'string' && { method }),
    ...(isFields(params) && { params }),
    ...('result' in value && { result: value['result'] }),
    ...('error' in value && { error: value['error'] }),
  };
}

export const readMessage = (frame: Buffer): Message | null => asMessage(readJson(frame));

/**
 * Whether a frame of the agent can be anything but a notification without an id: only those are looked at. An id has
 * the key `"id"`, however it is written: a key can only be spelled otherwise with `\u`.
 */
export function mayHaveId(frame: Buffer): boolean {
  return frame.includes('"id"') || frame.includes('\\u') || frame[0] !== 0x7b;
}

/** Ids of different types never meet: 1 and "1" are two. */
export const idKey = (id: Id): string => JSON.stringify(id);

export const frameOf = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** A frame as one line. A line end in JSON is white space between tokens, so it may become a blank. */
export function asLine(frame: Buffer): Buffer {
  const line = Buffer.concat([frame, NEWLINE]);
  const last = line.length - 1;
  for (const end of [0x0a, 0x0d]) {
    for (let at = line.indexOf(end); at >= 0 && at < last; at = line.indexOf(end, at + 1)) line[at] = 0x20;
  }
  return line;
}

export function sessionOf(message: Message): string | null {
  const id = message.params?.['sessionId'];
  return typeof id === 'string' ? id : null;
}

export interface Problem {
  readonly code: number;
  readonly message: string;
  readonly data?: Fields;
}

export function errorReply(id: Id, error: Problem): Buffer {
  return frameOf({ jsonrpc: '2.0', id, error });
}
