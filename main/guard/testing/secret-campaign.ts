import { createOutbound, type Outbound } from '../outbound.ts';
import { leaks, secretSamples, seeded, type SecretSample } from './secret-samples.ts';

export interface CampaignResult {
  readonly secrets: number;
  readonly kinds: number;
  readonly splits: number;
  /** Kind and way of each leak. */
  readonly leaks: readonly string[];
}

const MULTI_SPLITS = 4;

/** Every secret through the stream: whole, byte by byte, at every single split and at a few random ones. */
export function splitCampaign(each: number, seed?: number): CampaignResult {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32).fill(7) });
  const samples = secretSamples(each, seed);
  const found: string[] = [];
  let splits = 0;
  for (const [index, sample] of samples.entries()) {
    const whole = `before ${sample.text} after\n`;
    const bytes = Buffer.from(whole);
    const check = (pieces: readonly (string | Uint8Array)[], way: string): void => {
      splits += 1;
      const shown = throughStream(outbound, pieces);
      const isWhole = shown.startsWith('before ') && shown.endsWith(' after\n');
      if (!isWhole || leaks(shown, sample.secret)) found.push(`${sample.kind}, ${way}: ${shown}`);
    };
    for (let cut = 1; cut < whole.length; cut += 1)
      check([whole.slice(0, cut), whole.slice(cut)], `split at ${cut}`);
    check(
      [...bytes].map((byte) => Uint8Array.of(byte)),
      'byte by byte',
    );
    const random = seeded(index);
    for (let round = 0; round < MULTI_SPLITS; round += 1) check(piecesOf(whole, random), 'random splits');
  }
  return {
    secrets: samples.length,
    kinds: new Set(samples.map(({ kind }) => kind)).size,
    splits,
    leaks: found,
  };
}

function throughStream(outbound: Outbound, pieces: readonly (string | Uint8Array)[]): string {
  const stream = outbound.stream();
  let shown = '';
  for (const piece of pieces) shown += stream.push(piece);
  return shown + stream.end();
}

function piecesOf(whole: string, random: () => number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < whole.length;) {
    const length = 1 + Math.floor(random() * 20);
    pieces.push(whole.slice(at, at + length));
    at += length;
  }
  return pieces;
}

/** Ways in which a secret is written down so that it does not look like one at first. */
const DISGUISES: Readonly<
  Record<
    string,
    (
      sample: SecretSample,
      random: () => number,
    ) => { kind: 'diff' | 'output'; text: string; stream?: boolean }
  >
> = {
  plain: ({ text }) => ({ kind: 'output', text: `a ${text} b`, stream: true }),
  'colour inside': ({ text }, random) => {
    const at = 1 + Math.floor(random() * (text.length - 1));
    return {
      kind: 'output',
      text: `a ${text.slice(0, at)}\u001b[1;31m${text.slice(at)}\u001b[0m b`,
      stream: true,
    };
  },
  'added in a diff': ({ text }) => ({
    kind: 'diff',
    text: `@@ -1 +1 @@\n-old\n${prefixed(text, '+')}\n context\n`,
  }),
  'removed in a diff': ({ text }) => ({ kind: 'diff', text: `@@ -1 +1 @@\n${prefixed(text, '-')}\n+new\n` }),
  'wrapped in a diff': ({ text }, random) => {
    // A header or an assignment is not broken inside its name.
    const from = Math.max(1, text.length - 12);
    const at = from + Math.floor(random() * Math.max(1, text.length - from - 1));
    return { kind: 'diff', text: `+${text.slice(0, at).replaceAll('\n', '\n+')}\n+${text.slice(at)}\n` };
  },
  'wrapped by a terminal': ({ text }, random) => {
    const from = Math.max(1, text.length - 12);
    const at = from + Math.floor(random() * Math.max(1, text.length - from - 1));
    return { kind: 'output', text: `${'x'.repeat(80)} ${text.slice(0, at)}\n${text.slice(at)} b` };
  },
  base64: ({ text }) => ({
    kind: 'output',
    text: `a ${Buffer.from(`see ${text}`).toString('base64')} b`,
    stream: true,
  }),
  base64url: ({ text }) => ({
    kind: 'output',
    text: `a ${Buffer.from(text).toString('base64url')} b`,
    stream: true,
  }),
  hex: ({ text }) => ({ kind: 'output', text: `a ${Buffer.from(text).toString('hex')} b`, stream: true }),
  'URL-encoded': ({ text }) => ({
    kind: 'output',
    text: `https://h.example/?x=${encodeURIComponent(text)}&y=1`,
    stream: true,
  }),
  'every character URL-encoded': ({ text }) => ({
    kind: 'output',
    text: `a ${[...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')} b`,
    stream: true,
  }),
  'JSON-escaped': ({ text }) => ({
    kind: 'output',
    text: JSON.stringify({ note: `line\n${text}\tend` }),
    stream: true,
  }),
  'JSON in JSON': ({ text }) => ({
    kind: 'output',
    text: JSON.stringify(JSON.stringify({ note: text })),
    stream: true,
  }),
};

const prefixed = (text: string, marker: string): string => `${marker}${text.replaceAll('\n', `\n${marker}`)}`;

/** Every secret in every disguise, as a whole text and, where the stream takes it, byte by byte. */
export function disguiseCampaign(each: number, seed?: number): CampaignResult {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32).fill(7) });
  const samples = secretSamples(each, seed);
  const random = seeded(99);
  const found: string[] = [];
  let texts = 0;
  for (const sample of samples) {
    const forms = formsOf(sample.secret);
    for (const [name, disguise] of Object.entries(DISGUISES)) {
      const { kind, text, stream } = disguise(sample, random);
      const shown = [outbound.text(kind, text).text];
      if (stream === true)
        shown.push(
          throughStream(
            outbound,
            [...Buffer.from(text)].map((byte) => Uint8Array.of(byte)),
          ),
        );
      texts += shown.length;
      for (const one of shown) {
        const bare = one
          .replace(/\u001b\[[0-9;]*m/g, '')
          .replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
        if (leaks(bare, sample.secret) || forms.some((form) => one.includes(form)))
          found.push(`${sample.kind}, ${name}: ${one}`);
      }
    }
  }
  return {
    secrets: samples.length,
    kinds: new Set(samples.map(({ kind }) => kind)).size,
    splits: texts,
    leaks: found,
  };
}

/** The middle of what the secret is in base64 and hex, at each of the places at which it may begin. */
function formsOf(secret: string): string[] {
  const hex = Buffer.from(secret).toString('hex');
  const middles = [0, 1, 2].map((lead) =>
    Buffer.concat([Buffer.alloc(lead), Buffer.from(secret)])
      .toString('base64')
      .slice(8, 40),
  );
  return [hex.slice(8, 56), ...middles].filter((form) => form.length >= 16);
}
