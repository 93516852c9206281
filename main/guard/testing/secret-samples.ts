/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SecretSample {
  readonly kind: string;
  /** The text as it is met, which may be more than the secret: `DB_PASSWORD=…`. */
  readonly text: string;
  /** What must not be seen. */
  readonly secret: string;
}

const DIGITS = '0123456789';
const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BASE32 = `${UPPER}234567`;
const ALNUM = `${UPPER}${UPPER.toLowerCase()}${DIGITS}`;
const URL64 = `${ALNUM}-_`;

type Draw = (length: number, alphabet?: string) => string;

function drawFrom(random: () => number): Draw {
  return (length, alphabet = ALNUM) =>
    Array.from({ length }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

function pem(name: string, bytes: number, random: () => number): string {
  const body = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256))).toString(
    'base64',
  );
  const lines = body.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`].join('\n');
}

/** Thirty kinds in the forms that their issuers publish. Every value is drawn anew: none was ever in use. */
const kinds: Readonly<
  Record<string, (draw: Draw, random: () => number) => string | [text: string, secret: string]>
> = {
  'github token': (d) => `gh${d(1, 'pousr')}_${d(36)}`,
  'github fine-grained': (d) => `github_pat_${d(22)}_${d(59)}`,
  'gitlab token': (d) => `glpat-${d(20, URL64)}`,
  'npm token': (d) => `npm_${d(36)}`,
  'pypi token': (d) => `pypi-AgEIcHlwaS5vcmc${d(150, URL64)}`,
  'docker token': (d) => `dckr_pat_${d(27, URL64)}`,
  'slack token': (d) => `xoxb-${d(12, DIGITS)}-${d(13, DIGITS)}-${d(24)}`,
  'slack webhook': (d) => `https://hooks.slack.com/services/T${d(10, UPPER)}/B${d(10, UPPER)}/${d(24)}`,
  'telegram token': (d) => `${d(1, '123456789')}${d(9, DIGITS)}:AA${d(33, URL64)}`,
  'sendgrid key': (d) => `SG.${d(22, URL64)}.${d(43, URL64)}`,
  'anthropic key': (d) => `sk-ant-api03-${d(93, URL64)}AA`,
  'openai key': (d) => `sk-proj-${d(74, URL64)}T3BlbkFJ${d(74, URL64)}`,
  'stripe key': (d) => `${d(1, 'rs')}k_live_${d(24)}`,
  'google key': (d) => `AIza${d(34, URL64)}${d(1)}`,
  'aws access key': (d) => `AKIA${d(16, BASE32)}`,
  'azure storage key': (d) => {
    const secret = `${d(86)}==`;
    return [`DefaultEndpointsProtocol=https;AccountKey=${secret};EndpointSuffix=core.windows.net`, secret];
  },
  'hugging face token': (d) => `hf_${d(34)}`,
  jwt: (d) =>
    `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(`{"sub":"${d(12)}","iat":1${d(9, DIGITS)}}`)}.${d(43, URL64)}`,
  'cloudflare tunnel': (d) =>
    Buffer.from(
      JSON.stringify({
        a: d(32, HEX),
        t: `${d(8, HEX)}-${d(4, HEX)}-4${d(3, HEX)}-a${d(3, HEX)}-${d(12, HEX)}`,
        s: d(48),
      }),
    ).toString('base64'),
  'shopify token': (d) => `shpat_${d(32, HEX)}`,
  'digitalocean token': (d) => `dop_v1_${d(64, HEX)}`,
  'vault token': (d) => `hvs.${d(90, URL64)}`,
  'age key': (d) => `AGE-SECRET-KEY-1${d(58, '023456789ACDEFGHJKLMNPQRSTUVWXYZ')}`,
  'databricks token': (d) => `dapi${d(32, HEX)}`,
  'signalbox token': (d) => `signalbox_mcp_${d(8, HEX)}_${d(43, URL64)}`,
  'pkcs8 private key': (_d, random) => pem('PRIVATE KEY', 138, random),
  'openssh private key': (_d, random) => pem('OPENSSH PRIVATE KEY', 290, random),
  'bearer header': (d) => {
    const secret = `${d(39)}${d(1, DIGITS)}`;
    return [`Authorization: Bearer ${secret}`, secret];
  },
  'password in a URL': (d) => {
    const secret = d(24);
    return [`postgres://app:${secret}@db.example:5432/x`, secret];
  },
  'environment password': (d) => {
    const secret = `${d(23)}${d(1, DIGITS)}`;
    return [`DB_PASSWORD=${secret}`, secret];
  },
};

/** `each` samples of every kind, the same for the same seed. */
export function secretSamples(each: number, seed = 1): SecretSample[] {
  return Object.entries(kinds).flatMap(([kind, make], index) => {
    const random = seeded(seed * 1000 + index);
    const draw = drawFrom(random);
    return Array.from({ length: each }, () => {
      const made = make(draw, random);
      const [text, secret] = typeof made === 'string' ? [made, made] : made;
      return { kind, text, secret };
    });
  });
}

const WINDOW = 12;

/** Whether a part of the secret that is long enough to matter is in the text. */
export function leaks(text: string, secret: string): boolean {
  for (const word of secret.split(/\s+/)) {
    // Words of the armour and fixed prefixes are no secret: only what was drawn counts.
    if (/^-{5}|^(?:PRIVATE|OPENSSH|KEY-{5})/.test(word)) continue;
    for (let at = 0; at + WINDOW <= word.length; at += 1) {
      const part = word.slice(at, at + WINDOW);
      if (!FIXED.test(part) && text.includes(part)) return true;
    }
  }
  return text.includes(secret);
}
const FIXED = /hooks\.slack|slack\.com|https:\/\/|AgEIcHlwaS5|ICJIUzI1NiI|eyJhbGciOi/;
