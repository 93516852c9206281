import { createHmac } from 'node:crypto';
import { deepScan } from './deep-scan.ts';
import { scanSecrets } from './secret-scan.ts';
import type { Found } from './secret-scan.ts';
import { createSecretStream } from './secret-stream.ts';
import type { SecretStream } from './secret-stream.ts';

/** What leaves: it decides how broken lines are joined, and stands in the counts. */
export type OutboundKind = 'log' | 'output' | 'diff' | 'file' | 'message' | 'audit' | 'push';

export interface Hit {
  /** Kind of secret, for example `github-pat`. */
  readonly kind: string;
  /** Four hexadecimal digits of HMAC(hmacKey, value): equal secrets have equal tags, the value stays unknown. */
  readonly tag: string;
}

export interface Sanitized {
  readonly text: string;
  readonly hits: readonly Hit[];
}

export interface OutboundStream extends SecretStream {
  /** Everything redacted so far. */
  readonly hits: readonly Hit[];
}

export interface Outbound {
  /** Redacts a whole text, synchronously: known values, own patterns, joined lines, one level of base64. */
  text(kind: OutboundKind, text: string): Sanitized;
  /** `text`, and after it the secretlint preset (loaded at the first call). For files and diffs that leave the machine. */
  deep(kind: OutboundKind, text: string): Promise<Sanitized>;
  /** Strings anywhere in a JSON-like value; keys are kept. Deeper than 32 levels is replaced as a whole. */
  value(kind: OutboundKind, value: unknown): { value: unknown; hits: readonly Hit[] };
  stream(): OutboundStream;
  /** Makes a value known; also its URL-encoded, base64 and JSON forms. Shorter than 6 characters is ignored. */
  addSecret(value: string): void;
}

export interface OutboundDeps {
  hmacKey: Uint8Array;
  exactSecrets?: readonly string[];
}

const minimumSecret = 6;
const maximumDepth = 32;

/** The one gate for content that leaves the machine. Only this module may hand content to MCP, phone, ACP, push and logs. */
export function createOutbound(deps: OutboundDeps): Outbound {
  const variants = new Set<string>();
  let known: readonly string[] = [];
  const addSecret = (value: string): void => {
    if (value.length < minimumSecret) return;
    for (const variant of encodings(value)) variants.add(variant);
    // Longest first, so that a value that contains another is replaced as a whole.
    known = [...variants].sort((a, b) => b.length - a.length);
  };
  for (const secret of deps.exactSecrets ?? []) addSecret(secret);

  const replace = (text: string, found: readonly Found[], from: number, hits: Hit[]): string => {
    let result = '';
    let at = from;
    for (const { kind, start, end } of found) {
      if (end <= at) continue;
      const hit = { kind, tag: tagOf(deps.hmacKey, text.slice(start, end)) };
      hits.push(hit);
      result += `${text.slice(at, Math.max(at, start))}[REDACTED ${kind} #${hit.tag}]`;
      at = end;
    }
    return result + text.slice(at);
  };
  const sanitize = (kind: OutboundKind, text: string): Sanitized => {
    const hits: Hit[] = [];
    const found = scanSecrets(text, known, { diff: kind === 'diff', joined: true });
    return { text: found.length === 0 ? text : replace(text, found, 0, hits), hits };
  };
  return {
    addSecret,
    text: sanitize,
    async deep(kind, text) {
      const first = sanitize(kind, text);
      const found = await deepScan(first.text);
      const hits = [...first.hits];
      return { text: replace(first.text, found, 0, hits), hits };
    },
    value(kind, value) {
      const hits: Hit[] = [];
      const leaf = (text: string): string => {
        const result = sanitize(kind, text);
        hits.push(...result.hits);
        return result.text;
      };
      return { value: mapStrings(value, leaf, 0), hits };
    },
    stream() {
      const hits: Hit[] = [];
      const stream = createSecretStream({
        known: () => known,
        redact: (text, found, from) => replace(text, found, from, hits),
      });
      return { ...stream, hits };
    },
  };
}

const tagOf = (key: Uint8Array, value: string): string =>
  createHmac('sha256', key).update(value).digest('hex').slice(0, 4);

function encodings(value: string): string[] {
  const bytes = Buffer.from(value);
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...(value.length >= 12 ? [bytes.toString('hex')] : []),
  ];
  return forms.filter((form) => form.length >= minimumSecret);
}

function mapStrings(value: unknown, leaf: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return leaf(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maximumDepth) return '[too deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, leaf, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapKeyed(key, mapStrings(item, leaf, depth + 1), leaf)]),
  );
}

/** `{"password": "…"}`: in a structure the name and the value are apart, so they are judged together. */
function mapKeyed(key: string, item: unknown, leaf: (text: string) => string): unknown {
  if (
    typeof item !== 'string' ||
    item.length > 4096 ||
    !/passw|secret|token|key|credential|authorization/i.test(key)
  ) {
    return item;
  }
  const prefix = `${key}: "`;
  const judged = leaf(`${prefix}${item}"`);
  return judged.startsWith(prefix) ? judged.slice(prefix.length, -1) : item;
}
