import type { SecretOrigin } from './secret-finding.ts';

export interface SecretPattern {
  readonly kind: string;
  readonly origin: SecretOrigin;
  /** The expression runs only where one of these occurs (compared in lower case for `folded`). */
  readonly hints: readonly string[];
  readonly folded?: true;
  /** Where a match begins whose hint is at `at`, or below 0; without it the expression runs over the whole text. */
  readonly begin?: (text: string, at: number) => number;
  /** Sticky with `begin`, else global. The secret is group 1, which ends the match, or else the whole match. */
  readonly expression: RegExp;
  /** Last word on a candidate. */
  readonly plausible?: (value: string) => boolean;
}

// Every repetition is bounded and no two adjacent ones share characters, so matching is linear in the text.
const start = '(?<![A-Za-z0-9])';
const end = '(?![A-Za-z0-9])';
const atHint = (_text: string, at: number): number => at;
const token = (
  kind: string,
  hints: string[],
  body: string,
  { origin = 'pattern', begin = atHint }: Partial<Pick<SecretPattern, 'origin' | 'begin'>> = {},
): SecretPattern => ({ kind, origin, hints, begin, expression: new RegExp(`${start}${body}`, 'y') });

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isUpperWord = (code: number): boolean => isDigit(code) || (code >= 65 && code <= 90) || code === 95;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isScheme = (code: number): boolean =>
  isLetter(code) || isDigit(code) || code === 43 || code === 45 || code === 46;

/** Where the row of such characters begins that ends before `at`; looks back over at most `most` of them. */
function back(text: string, at: number, most: number, isPart: (code: number) => boolean): number {
  let from = at;
  while (from > 0 && at - from < most && isPart(text.charCodeAt(from - 1))) from -= 1;
  return from;
}

/** The name of a variable; one that is longer than any is none. */
function nameBefore(text: string, at: number): number {
  const most = 56;
  const from = back(text, at, most, isUpperWord);
  return at - from < most ? from : -1;
}

/** The scheme of a URL begins with a letter behind something that is neither letter nor digit. */
function schemeBefore(text: string, at: number): number {
  for (let from = back(text, at, 21, isScheme); from < at; from += 1) {
    const before = from === 0 ? 0 : text.charCodeAt(from - 1);
    if (isLetter(text.charCodeAt(from)) && !isLetter(before) && !isDigit(before)) return from;
  }
  return -1;
}

const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102);
const isToken = (code: number): boolean => isLetter(code) || isDigit(code) || code === 45 || code === 95;

/** One of a fixed length is tried only where it can end: two looks cost less than a try that is in vain. */
function ofLength(length: number, isPart: (code: number) => boolean) {
  return (text: string, at: number): number =>
    isPart(text.charCodeAt(at + length - 1)) && !isPart(text.charCodeAt(at + length)) ? at : -1;
}

/** A word of many such beginnings is tried once: each try may be as long as a whole token. */
function firstOfWord(text: string, at: number): number {
  for (let before = at - 1; before >= Math.max(0, at - 256); before -= 1) {
    if (text.startsWith('eyJ', before)) return -1;
    if (!/[A-Za-z0-9_-]/.test(text.charAt(before))) return at;
  }
  return at;
}

/** Tokens that show by themselves what they are. */
export const tokenPatterns: readonly SecretPattern[] = [
  token('github-pat', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_[A-Za-z0-9]{36,255}'),
  token('github-pat', ['github_pat_'], 'github_pat_[A-Za-z0-9_]{50,255}'),
  token(
    'gitlab-token',
    ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glsoat-', 'gloas-'],
    '(?:glpat|gldt|glrt|glcbt|glptt|glft|glsoat|gloas)-[A-Za-z0-9_.-]{20,255}',
  ),
  token('npm-token', ['npm_'], `npm_[A-Za-z0-9]{36}${end}`),
  token('pypi-token', ['pypi-'], 'pypi-AgE[A-Za-z0-9_-]{50,500}'),
  token('rubygems-key', ['rubygems_'], 'rubygems_[a-f0-9]{48}'),
  token('docker-pat', ['dckr_pat_'], 'dckr_pat_[A-Za-z0-9_-]{20,64}'),
  token(
    'slack-token',
    ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'],
    'xox[abeoprs]-[A-Za-z0-9-]{10,250}',
  ),
  token('slack-token', ['xapp-'], 'xapp-\\d-[A-Za-z0-9-]{20,250}'),
  token(
    'slack-webhook',
    ['https://hooks.slack.com/'],
    'https://hooks\\.slack\\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,200}',
  ),
  token(
    'discord-webhook',
    ['/api/webhooks/'],
    'https://[a-z.]{0,20}discord(?:app)?\\.com/api/webhooks/\\d{10,25}/[\\w-]{40,100}',
    {
      begin: (text, at) =>
        at -
        48 +
        text
          .slice(Math.max(0, at - 48), at)
          .padStart(48)
          .lastIndexOf('https://'),
    },
  ),
  token('telegram-token', [':AA'], '\\d{8,10}:AA[A-Za-z0-9_-]{32,35}', {
    begin: (text, at) => back(text, at, 10, isDigit),
  }),
  token('sendgrid-key', ['SG.'], 'SG\\.[\\w-]{16,32}\\.[\\w-]{32,64}'),
  token('mailgun-key', ['key-'], `key-[0-9a-f]{32}${end}`),
  token(
    'twilio-key',
    Array.from({ length: 16 }, (_, digit) => `SK${digit.toString(16)}`),
    `SK[0-9a-f]{32}${end}`,
    { begin: ofLength(34, isHex) },
  ),
  token('anthropic-key', ['sk-ant-'], 'sk-ant-[A-Za-z0-9_-]{20,255}'),
  token('openai-key', ['sk-'], 'sk-(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20,255}'),
  token('openai-key', ['sk-'], `sk-[A-Za-z0-9]{32,64}${end}`),
  token(
    'stripe-key',
    ['rk_live_', 'sk_live_', 'pk_live_', 'rk_test_', 'sk_test_', 'pk_test_'],
    '[rsp]k_(?:live|test)_[A-Za-z0-9]{16,255}',
  ),
  token('stripe-webhook', ['whsec_'], 'whsec_[A-Za-z0-9+/=]{24,64}'),
  token('google-key', ['AIza'], `AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])`, { begin: ofLength(39, isToken) }),
  token('google-oauth', ['GOCSPX-'], 'GOCSPX-[A-Za-z0-9_-]{24,40}'),
  token('google-oauth', ['ya29.'], 'ya29\\.[A-Za-z0-9_-]{30,1024}'),
  token('aws-access-key', ['AKIA', 'ASIA', 'ABIA', 'ACCA'], `A(?:KI|SI|BI|CC)A[A-Z2-7]{16}${end}`),
  token(
    'azure-key',
    ['AccountKey=', 'SharedAccessKey='],
    '(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40,100}={0,2}',
  ),
  token('huggingface-token', ['hf_'], `hf_[A-Za-z0-9]{30,64}${end}`),
  token('groq-key', ['gsk_'], `gsk_[A-Za-z0-9]{40,64}${end}`),
  token('xai-key', ['xai-'], 'xai-[A-Za-z0-9]{40,128}'),
  token('replicate-token', ['r8_'], `r8_[A-Za-z0-9]{37,40}${end}`),
  token('perplexity-key', ['pplx-'], 'pplx-[A-Za-z0-9]{40,64}'),
  token('jwt', ['eyJ'], 'eyJ[A-Za-z0-9_-]{8,2048}\\.eyJ[A-Za-z0-9_-]{8,6000}\\.[A-Za-z0-9_-]{8,2048}', {
    begin: firstOfWord,
  }),
  token('cloudflare-tunnel', ['eyJhIjoi'], 'eyJhIjoi[A-Za-z0-9+/=_-]{60,600}'),
  token(
    'shopify-token',
    ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    `shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}${end}`,
  ),
  token('digitalocean-token', ['doo_v1_', 'dop_v1_', 'dor_v1_'], 'do[opr]_v1_[a-f0-9]{64}'),
  token('hashicorp-vault', ['hvs.', 'hvb.'], 'hv[sb]\\.[A-Za-z0-9_-]{24,300}'),
  token('terraform-token', ['.atlasv1.'], '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}', {
    begin: (_text, at) => Math.max(0, at - 14),
  }),
  token('atlassian-token', ['ATATT3'], 'ATATT3[A-Za-z0-9_=-]{100,300}'),
  token('linear-key', ['lin_'], 'lin_(?:api|oauth)_[A-Za-z0-9]{32,64}'),
  token('notion-token', ['ntn_', 'secret_'], '(?:ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43})'),
  token('databricks-token', ['dapi'], `dapi[a-f0-9]{32}${end}`),
  token('grafana-token', ['glsa_', 'glc_'], 'gl(?:sa|c)_[A-Za-z0-9_=+/]{32,255}'),
  token('supabase-token', ['sbp_'], `sbp_[a-f0-9]{40}${end}`),
  token('postman-key', ['PMAK-'], 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  token('newrelic-key', ['NRAK-'], 'NRAK-[A-Z0-9]{27}'),
  token('square-token', ['sq0'], 'sq0[a-z]{3}-[A-Za-z0-9_-]{22,43}'),
  token(
    'doppler-token',
    ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'],
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{40,80}',
  ),
  token('age-key', ['AGE-SECRET-KEY-1'], 'AGE-SECRET-KEY-1[A-Z0-9]{58}', { origin: 'private-key' }),
  token('expo-token', ['ExponentPushToken['], 'ExponentPushToken\\[[A-Za-z0-9_-]{10,64}\\]'),
  token('signalbox-token', ['signalbox_'], 'signalbox_(?:mcp|acp)_[A-Za-z0-9-]{8}_[A-Za-z0-9_-]{43}', {
    origin: 'own',
  }),
  token('signalbox-pairing', ['signalbox://'], 'signalbox://[a-z]{1,16}[/?#][A-Za-z0-9_=&%?#/.-]{20,512}', {
    origin: 'own',
  }),
];

const words =
  'password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|credentials?';
const upperWords =
  'PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SECRET_?KEY|TOKEN|CREDENTIALS?|AUTH_?KEY';
const folded = ['passw', 'passphrase', 'secret', 'key', 'token', 'credential'];
const hasDigit = (value: string): boolean => /\d/.test(value);

/** Secrets that only their surroundings give away. */
export const contextPatterns: readonly SecretPattern[] = [
  {
    ...{ kind: 'authorization', origin: 'pattern' },
    ...{ hints: ['bearer'], folded: true },
    expression: /(?<![a-z])bearer["']?\s{1,4}["']?([A-Za-z0-9._~+/-]{16,4096}={0,2})/gi,
    plausible: hasDigit,
  },
  {
    ...{ kind: 'authorization', origin: 'pattern' },
    ...{ hints: ['authorization'], folded: true },
    expression:
      /authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:basic|token|apikey|key)\s{1,4}([A-Za-z0-9._~+/-]{8,4096}={0,2})/gi,
  },
  {
    ...{ kind: 'url-credentials', origin: 'pattern', hints: ['://'] },
    begin: schemeBefore,
    expression: /(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'<>`]{0,128}:([^\s@/"'<>`]{3,256})(?=@)/iy,
    plausible: (value) => !isPlaceholder(value),
  },
  {
    ...{ kind: 'query-token', origin: 'pattern' },
    ...{ hints: ['token=', 'key=', 'sig=', 'signature=', 'secret=', 'password=', 'auth='], folded: true },
    expression:
      /[?&;](?:[a-z]{1,16}[_-]?)?(?:token|key|sig|signature|secret|password|auth|credential)=([^&\s"'<>#`;]{12,2048})/gi,
    plausible: (value) => hasDigit(value) && !isPlaceholder(value),
  },
  {
    ...{ kind: 'assigned-secret', origin: 'pattern' },
    ...{ hints: ['--'], folded: true },
    expression: new RegExp(
      `(?<![a-z0-9-])--[a-z-]{0,24}(?:${words})(?:=|\\s{1,4})["']?([^\\s"'\`=$<{(-][^\\s"'\`]{7,512})`,
      'gi',
    ),
    plausible: (value) => hasDigit(value) && !isPlaceholder(value),
  },
  {
    ...{ kind: 'assigned-secret', origin: 'pattern' },
    hints: ['PASSW', 'PASSPHRASE', 'SECRET', 'KEY', 'TOKEN', 'CREDENTIAL'],
    begin: nameBefore,
    expression: new RegExp(
      `(?<![A-Za-z0-9_])[A-Z0-9_]{0,48}(?:${upperWords})(?:_[A-Z0-9]{1,16}){0,2}["']?(?:=|:[ \\t]{0,4})["']?` +
        '([^\\s"\'`<>(){}\\[\\],;$=][^\\s"\'`<>(){}\\[\\],;$]{5,511})(?![^\\s"\'`,;<\\])}])',
      'y',
    ),
    plausible: isEnvironmentValue,
  },
  {
    ...{ kind: 'assigned-secret', origin: 'pattern' },
    ...{ hints: folded, folded: true },
    expression: new RegExp(
      `(?:${words})[A-Za-z0-9_-]{0,24}\\\\?["']?\\s{0,4}(?::|=>?|:=)\\s{0,4}\\\\?(?:"([^"\\s\\\\]{8,512})(?=\\\\?")|'([^'\\s]{8,512})(?='))`,
      'gi',
    ),
    plausible: (value) =>
      /[A-Za-z]/.test(value) && hasDigit(value) && entropy(value) >= 3 && !isPlaceholder(value),
  },
];

/** A text that could be the beginning of a context pattern whose value has not arrived yet. */
export const openContext = new RegExp(
  `(?:(?:bearer|basic|authorization)["']?|-{0,2}[A-Za-z0-9_-]{0,48}(?:${words}|${upperWords}|auth_?key)[A-Za-z0-9_-]{0,40}\\\\?["']?)` +
    `\\s{0,4}(?::=?|=>?)?\\s{0,4}\\\\?["'\`]?\\s{0,4}(?:bearer|basic|token|apikey|key)?\\s{0,4}$`,
  'i',
);

function isPlaceholder(value: string): boolean {
  if (/^(?:\$\{[^}]*\}|\$[A-Za-z_]\w*|<[^>]*>|\{\{[^}]*\}\}|%[A-Za-z_]+%|\[REDACTED[^\]]*\]?)$/.test(value))
    return true;
  // Built by string templates: what stands here is code, not a value.
  return /\$\{|\$\(/.test(value) || new Set(value).size < 4;
}

function isEnvironmentValue(value: string): boolean {
  if (isPlaceholder(value) || /^[\d.,:/-]+$/.test(value)) return false;
  if (/^(?:process\.|import\.|os\.|env\.|self\.|this\.|https?:\/\/[^@]*$|\/|\.)/.test(value)) return false;
  if (/^(?:true|false|null|undefined|string|number|boolean|required|optional|redacted)$/i.test(value))
    return false;
  // A bare identifier is code or prose unless it is long enough to be a passphrase.
  return (
    hasDigit(value) ||
    (/^[^.|&]+$/.test(value) && value.length >= 8 && !/^[a-z]+[A-Z]|^[A-Z][a-z]/.test(value))
  );
}

function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / value.length) * Math.log2(n / value.length), 0);
}
