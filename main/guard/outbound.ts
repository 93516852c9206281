import { createHmac } from 'node:crypto';
import type { WorkspaceId } from '../../contract/ids.ts';
import { deepScan } from './deep-scan.ts';
import { createKnownValues } from './known-values.ts';
import {
  actionFor,
  stricter,
  type OutboundAction,
  type OutboundKind,
  type TighterActions,
} from './outbound-actions.ts';
import type { Found, SecretOrigin } from './secret-finding.ts';
import { scanSecrets } from './secret-scan.ts';
import { createSecretStream, type SecretStream } from './secret-stream.ts';
import { isSettled } from './settled-text.ts';
import { mapStrings } from './structured-text.ts';

export interface Hit {
  /** Kind of secret, for example `github-pat`. */
  readonly kind: string;
  /** Eight hexadecimal digits of HMAC(tag key, value): equal secrets have equal tags, the value stays unknown. */
  readonly tag: string;
  readonly origin: SecretOrigin;
}

export interface Sanitized {
  /** What may leave; of blocked content only the reason. */
  readonly text: string;
  readonly hits: readonly Hit[];
  /** What the strictest of the hits asks for; null without one. */
  readonly action: OutboundAction | null;
}

export interface OutboundStream extends SecretStream {
  /** Everything redacted so far. */
  readonly hits: readonly Hit[];
}

export interface Outbound {
  /** Redacts a whole text, synchronously: known values, own patterns, joined lines, one level of encoding. */
  text(kind: OutboundKind, text: string, workspaceId?: WorkspaceId): Sanitized;
  /** `text`, and after it the secretlint preset (loaded at the first call). For files and diffs that leave the machine. */
  deep(kind: OutboundKind, text: string, workspaceId?: WorkspaceId): Promise<Sanitized>;
  /** Only `[from, to)` of a text, judged by the whole of it: a secret that reaches into the part is replaced. */
  part(kind: OutboundKind, text: string, from: number, to: number): string;
  /**
   * Whether a text that goes on may be shown to its end, when what follows is judged as a part of the whole.
   * @param patient it has not grown for a while: only what looks like the beginning of a secret waits on
   */
  settled(text: string, patient?: boolean): boolean;
  /** Strings anywhere in a JSON-like value; keys are kept. Deeper than 32 levels is replaced as a whole. */
  value<T>(kind: OutboundKind, value: T): T;
  stream(kind?: OutboundKind): OutboundStream;
  /** Makes a value known in its encoded forms too. Shorter than 6 characters is ignored. */
  addSecret(value: string): void;
  /** A secret of the host itself: nobody can allow it through. */
  addOwn(value: string | Uint8Array): void;
  /** The key of the tags, once the store of keys has been opened: from then on tags are those of earlier starts. */
  useTagKey(key: Uint8Array): void;
}

export interface OutboundDeps {
  hmacKey: Uint8Array;
  exactSecrets?: readonly string[];
  tighter?: TighterActions;
  /** Whether the owner lets the value with this tag through. Never asked about the host's own or private keys. */
  allowed?(tag: string, workspaceId: WorkspaceId | null): boolean;
  /** Told of every secret that was held back. */
  held?(hit: Hit, kind: OutboundKind): void;
}

const CLEAN_KEPT = 4096;
const CLEAN_LONGEST = 256;
/** A placeholder may make a short text longer; what was long stays within the limits it was checked against. */
const MAY_GROW_TO = 64;

/** The one gate for content that leaves the machine. Only this module may hand content to MCP, phone, ACP, push and logs. */
export function createOutbound(deps: OutboundDeps): Outbound {
  const known = createKnownValues();
  const { tighter = {}, allowed, held } = deps;
  let tagKey = deps.hmacKey;
  let clean = new Set<string>();
  const tagOf = (value: string): string =>
    createHmac('sha256', tagKey).update(value).digest('hex').slice(0, 8);
  const add = (value: string | Uint8Array, origin: 'own' | 'known'): void => {
    if (known.add(value, origin)) clean = new Set();
  };
  for (const secret of deps.exactSecrets ?? []) add(secret, 'known');

  const spareIn = (workspaceId: WorkspaceId | null) => (found: Found) =>
    allowed !== undefined &&
    (found.origin === 'known' || found.origin === 'pattern') &&
    allowed(tagOf(found.value), workspaceId);

  /** Replaces what lies in `[from, to)`; what was found before it is only counted with the text it stands in. */
  function replace(
    text: string,
    found: readonly Found[],
    span: { from: number; to: number },
    note: (hit: Hit) => void,
  ) {
    let result = '';
    let at = span.from;
    for (const { kind, origin, start, end, value } of found) {
      if (end <= at || start >= span.to) continue;
      const hit = { kind, tag: tagOf(value), origin };
      note(hit);
      result += `${text.slice(at, Math.max(at, start))}${placeholder(hit)}`;
      at = end;
    }
    return at >= span.to ? result : result + text.slice(at, span.to);
  }
  function judge(
    kind: OutboundKind,
    text: string,
    found: readonly Found[],
    before: readonly Hit[],
  ): Sanitized {
    const hits = [...before];
    const redacted = replace(text, found, { from: 0, to: text.length }, (hit) => {
      hits.push(hit);
      held?.(hit, kind);
    });
    let action: OutboundAction | null = null;
    for (const hit of hits) action = stricter(action ?? 'redact', actionFor(kind, hit.origin, tighter));
    return { text: action === 'block' ? blocked(kind, hits, tighter) : redacted, hits, action };
  }
  function sanitize(kind: OutboundKind, text: string, workspaceId: WorkspaceId | null): Sanitized {
    const options = { diff: kind === 'diff', joined: true, spare: spareIn(workspaceId) };
    return judge(kind, text, scanSecrets(text, known, options), []);
  }
  function leaf(kind: OutboundKind, text: string): string {
    if (text.length < 6 || clean.has(text)) return text;
    const { text: redacted, hits } = sanitize(kind, text, null);
    if (hits.length > 0) return redacted.slice(0, Math.max(text.length, MAY_GROW_TO));
    if (text.length <= CLEAN_LONGEST) {
      if (clean.size >= CLEAN_KEPT) clean = new Set();
      clean.add(text);
    }
    return text;
  }
  return {
    addSecret: (value) => add(value, 'known'),
    addOwn: (value) => add(value, 'own'),
    useTagKey(key) {
      tagKey = key;
      add(key, 'own');
    },
    text: (kind, text, workspaceId) => sanitize(kind, text, workspaceId ?? null),
    async deep(kind, text, workspaceId) {
      const first = sanitize(kind, text, workspaceId ?? null);
      if (first.action === 'block') return first;
      const spare = spareIn(workspaceId ?? null);
      const found = (await deepScan(first.text)).filter((one) => !spare(one));
      return judge(kind, first.text, found, first.hits);
    },
    part(kind, text, from, to) {
      const found = scanSecrets(text, known, { joined: true, spare: spareIn(null) });
      return replace(text, found, { from, to }, (hit) => held?.(hit, kind));
    },
    settled: (text, patient) => isSettled(text, known, patient),
    // The walk keeps the shape: only texts change.
    value: <T>(kind: OutboundKind, value: T) => mapStrings(value, (text) => leaf(kind, text)) as T,
    stream(kind = 'output') {
      const hits: Hit[] = [];
      const stream = createSecretStream({
        known,
        scan: (text) => scanSecrets(text, known, { spare: spareIn(null) }),
        redact: (text, found, from) =>
          replace(text, found, { from, to: text.length }, (hit) => {
            hits.push(hit);
            held?.(hit, kind);
          }),
      });
      return { ...stream, hits };
    },
  };
}

const placeholder = ({ kind, tag }: Hit): string => `[REDACTED ${kind} #${tag}]`;

function blocked(kind: OutboundKind, hits: readonly Hit[], tighter: TighterActions): string {
  const reasons = hits.filter(({ origin }) => actionFor(kind, origin, tighter) === 'block');
  const named = [...new Set(reasons.map((hit) => `${hit.kind} #${hit.tag}`))].slice(0, 5);
  return `[BLOCKED ${kind}: ${named.join(', ')}]`;
}
