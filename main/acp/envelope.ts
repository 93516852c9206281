/** What can be told of a JSON-RPC message from its outside; nested values are stepped over, not read. */
export interface Envelope {
  /** The id as it stands in the message, with its quotes: `7`, `"a"`. Null when there is none, or it is `null`. */
  readonly id: string | null;
  readonly method: string | null;
  readonly hasResult: boolean;
  readonly hasError: boolean;
  /** `params.sessionId`: what the message is about. */
  readonly sessionId: string | null;
  /** `result.sessionId`: a session that the answer opens. */
  readonly openedSessionId: string | null;
}

/** Why bytes are no message: a code of JSON-RPC 2.0 and what was wrong. */
export interface BadMessage {
  readonly code: -32700 | -32600;
  readonly message: string;
}

const MAX_DEPTH = 512;
const MAX_ID_BYTES = 1024;
const MAX_KEY_BYTES = 256;
const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const;
type Member = (typeof MEMBERS)[number];

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads the outside of one message without parsing what is in it: a long text costs a search for its end. What is
 * inside a nested value is left to the peer that reads it. A member that stands there twice, or in other letters
 * (`ID`), is refused: two readers could take two different messages out of it.
 */
export function readEnvelope(bytes: Buffer): Envelope | BadMessage {
  const start = afterBlanks(bytes, 0);
  if (bytes[start] === OPEN_BRACKET) return invalid('JSON-RPC batches are not supported');
  if (bytes[start] !== OPEN_BRACE) return isJson(bytes) ? invalid('a message is an object') : NOT_JSON;
  const found: Found = {};
  let ambiguous = false;
  const end = walkMembers(bytes, start, (keyFrom, keyTo, from, to) => {
    const name = memberAt(bytes, keyFrom, keyTo);
    if (name === null) return;
    if (name === 'misspelt' || found[name] !== undefined) ambiguous = true;
    else found[name] = { from, to };
  });
  if (end < 0 || afterBlanks(bytes, end) !== bytes.length) return NOT_JSON;
  return isTrue(ambiguous) ? invalid('a member stands there twice or misspelt') : envelopeOf(bytes, found);
}

export function isBad(read: Envelope | BadMessage): read is BadMessage {
  return 'code' in read;
}

/** The same id however it is written: `"a"` and `"\u0061"` are one. */
export function idKey(rawId: string): string {
  return rawId.includes('\\') || /^[^"]*[.eE]/.test(rawId) ? JSON.stringify(JSON.parse(rawId)) : rawId;
}

interface Span {
  readonly from: number;
  readonly to: number;
}
type Found = { [M in Member]?: Span };

const NOT_JSON: BadMessage = { code: -32700, message: 'Parse error' };

function invalid(message: string): BadMessage {
  return { code: -32600, message };
}

/** Set in a callback, which the compiler does not follow. */
function isTrue(flag: boolean): boolean {
  return flag;
}

function envelopeOf(bytes: Buffer, found: Found): Envelope | BadMessage {
  const rawId = found.id === undefined ? null : rawIdOf(bytes, found.id);
  if (rawId !== null && typeof rawId !== 'string') return rawId;
  const method = found.method === undefined ? null : textOf(bytes, found.method);
  if (found.method !== undefined && method === null) return invalid('a method is a string');
  if (found.jsonrpc === undefined || textOf(bytes, found.jsonrpc) !== '2.0')
    return invalid('"jsonrpc" must be "2.0"');
  const [hasResult, hasError] = [found.result !== undefined, found.error !== undefined];
  if (method === null ? hasResult === hasError : hasResult || hasError)
    return invalid('a message is a request, a notification or an answer');
  return {
    id: rawId === 'null' ? null : rawId,
    method,
    hasResult,
    hasError,
    sessionId: sessionIdIn(bytes, found.params),
    openedSessionId: sessionIdIn(bytes, found.result),
  };
}

const SESSION_ID = Buffer.from('sessionId');

function sessionIdIn(bytes: Buffer, span: Span | undefined): string | null {
  if (span === undefined || bytes[span.from] !== OPEN_BRACE) return null;
  let found: string | null = null;
  walkMembers(bytes, span.from, (keyFrom, keyTo, from, to) => {
    const plain = isText(bytes, keyFrom, keyTo, SESSION_ID);
    if (
      plain ||
      (hasEscape(bytes, keyFrom, keyTo) && textOf(bytes, { from: keyFrom, to: keyTo }) === 'sessionId')
    )
      found = textOf(bytes, { from, to });
  });
  return found;
}

function rawIdOf(bytes: Buffer, { from, to }: Span): string | BadMessage {
  const tooLong = invalid(`an id is at most ${MAX_ID_BYTES} bytes`);
  if (to - from > MAX_ID_BYTES * 6) return tooLong;
  const raw = bytes.toString('utf8', from, to);
  if (!/^(-?\d|"|null$)/.test(raw)) return invalid('an id is a string or a number');
  if (raw.startsWith('"') && textOf(bytes, { from, to }) === null) return NOT_JSON;
  return raw.length > MAX_ID_BYTES ? tooLong : raw;
}

function textOf(bytes: Buffer, { from, to }: Span): string | null {
  if (bytes[from] !== QUOTE) return null;
  const raw = bytes.toString('utf8', from, to);
  // A parser refuses control characters inside a string.
  if (!raw.includes('\\') && !/[\u0000-\u001f]/.test(raw)) return raw.slice(1, -1);
  try {
    return String(JSON.parse(raw));
  } catch {
    return null;
  }
}

const MEMBER_BYTES = MEMBERS.map((name) => ({ name, bytes: Buffer.from(name) }));

/** The member that this key names; `misspelt` when only a careless reader would take it for one. */
function memberAt(bytes: Buffer, from: number, to: number): Member | 'misspelt' | null {
  for (const member of MEMBER_BYTES) if (isText(bytes, from, to, member.bytes)) return member.name;
  const loose = textOf(bytes, { from, to })?.toLowerCase();
  return MEMBERS.some((name) => name === loose) ? 'misspelt' : null;
}

/** Whether the string between these quotes is this text, without escapes. */
function isText(bytes: Buffer, from: number, to: number, text: Buffer): boolean {
  if (to - from !== text.length + 2) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[from + 1 + index] !== text[index]) return false;
  }
  return true;
}

function hasEscape(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] === BACKSLASH) return true;
  return false;
}

type See = (keyFrom: number, keyTo: number, from: number, to: number) => void;

/**
 * Steps over the members of the object that begins at `start` and shows where each key and its value stand.
 * @returns the place behind the object, or -1 when it is not closed as it was opened
 */
function walkMembers(bytes: Buffer, start: number, see: See): number {
  let at = afterBlanks(bytes, start + 1);
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    const keyFrom = at;
    if (bytes[at] !== QUOTE) return -1;
    const keyTo = afterString(bytes, at);
    if (keyTo < 0) return -1;
    at = afterBlanks(bytes, keyTo);
    if (bytes[at] !== COLON) return -1;
    const from = afterBlanks(bytes, at + 1);
    const to = afterValue(bytes, from);
    if (to <= from) return -1;
    if (keyTo - keyFrom <= MAX_KEY_BYTES) see(keyFrom, keyTo, from, to);
    at = afterBlanks(bytes, to);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = afterBlanks(bytes, at + 1);
  }
}

/** The place behind a value of any kind, or -1. */
function afterValue(bytes: Buffer, from: number): number {
  const first = bytes[from];
  if (first === QUOTE) return afterString(bytes, from);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return afterScalar(bytes, from);
  const closers: number[] = [];
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = afterString(bytes, at);
      if (at < 0) return -1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.push(byte + 2) > MAX_DEPTH) return -1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (closers.pop() !== byte) return -1;
      if (closers.length === 0) return at + 1;
    }
    at += 1;
  }
  return -1;
}

/** A number, `true`, `false` or `null`. */
function afterScalar(bytes: Buffer, from: number): number {
  let to = from;
  let digits = true;
  for (let byte = bytes[to]; byte !== undefined; byte = bytes[to]) {
    if (byte === COMMA || byte === CLOSE_BRACE || isBlank(byte)) break;
    if (byte < 0x31 || byte > 0x39) digits &&= byte === 0x30 && to > from;
    to += 1;
  }
  if (to - from > 64) return -1;
  if (digits) return to;
  return /^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(bytes.toString('latin1', from, to))
    ? to
    : -1;
}

/** Short strings are walked byte by byte, long ones by searching for quotes: a call costs as much as many steps. */
const NEAR = 24;

function afterString(bytes: Buffer, from: number): number {
  let at = from + 1;
  for (const near = Math.min(bytes.length, at + NEAR); at < near; at += 1) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at += 1;
  }
  // Where the walk ends no escape is half read, so an odd row of backslashes before a quote is told from here on.
  const floor = at;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0) return -1;
    let slashes = 0;
    while (quote - 1 - slashes >= floor && bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function afterBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at += 1;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
