/** Patterns for one path part each (`*` is any run of characters); `a/b` matches two parts in a row. */
const secretPatterns = [
  ...[
    '.env',
    '.env.*',
    '.envrc',
    '.git',
    '.hg',
    '.svn',
    '.ssh',
    '.gnupg',
    '.aws',
    '.azure',
    '.kube',
    '.docker',
  ],
  ...['.config/gcloud', '.npmrc', '.yarnrc.yml', '.netrc', '_netrc', '.pypirc', '.git-credentials'],
  ...[
    'id_rsa*',
    'id_dsa*',
    'id_ecdsa*',
    'id_ed25519*',
    '*.pem',
    '*.key',
    '*.p12',
    '*.pfx',
    '*.jks',
    '*.keystore',
  ],
  ...['*.kdbx', '*.ovpn', '*.tfstate*', '*wallet*.sqlite', 'wallet.dat', '.signalbox', '.signalbox-tmp-*'],
];
const generatedPatterns = ['node_modules', 'dist', 'build', '.next', 'coverage', '.cache'];
const defaultExceptions = ['.env.example', '.env.sample', '.env.template', '.env.dist', '.env.defaults'];

export interface BlockListOptions {
  /** Patterns of the owner, beside the built-in ones. */
  extra?: readonly string[];
  /** Names (one part, `*` allowed) that are let through although a pattern matches them. */
  exceptions?: readonly string[];
  /** `false` opens `node_modules`, `dist`, `build`, …; the secret patterns always hold. */
  generated?: boolean;
}

export interface BlockList {
  /** The pattern that blocks the path, or null. Parts are compared after NFKC and lower-casing, on every system. */
  match(segments: readonly string[]): string | null;
  /** Like `match`, for secret patterns only: what a sandbox must not even see. */
  matchSecret(segments: readonly string[]): string | null;
  readonly patterns: readonly string[];
  /** The subset that protects secrets, without generated directories. */
  readonly secretPatterns: readonly string[];
}

/** One rule set for reads, writes, listings, search and git output. Pure. */
export function createBlockList(options: BlockListOptions = {}): BlockList {
  const secret = [...secretPatterns, ...(options.extra ?? [])].map(fold);
  const generated = options.generated === false ? [] : generatedPatterns;
  const exceptions = [...defaultExceptions, ...(options.exceptions ?? [])].map(fold);
  const all = [...secret, ...generated];
  return {
    match: (segments) => firstMatch(all, exceptions, segments),
    matchSecret: (segments) => firstMatch(secret, exceptions, segments),
    patterns: all,
    secretPatterns: secret,
  };
}

function firstMatch(
  patterns: readonly string[],
  exceptions: readonly string[],
  segments: readonly string[],
): string | null {
  const folded = segments.map(fold);
  for (const [index, segment] of folded.entries()) {
    if (exceptions.some((exception) => matchGlob(exception, segment))) continue;
    for (const pattern of patterns) {
      const parts = pattern.split('/');
      const window = folded.slice(index, index + parts.length);
      if (window.length === parts.length && parts.every((part, i) => matchGlob(part, window[i] ?? ''))) {
        return pattern;
      }
    }
  }
  return null;
}

const fold = (text: string): string => text.normalize('NFKC').toLowerCase();

/** `*` wildcard match with two pointers: at most text × pattern steps, no backtracking blow-up. */
export function matchGlob(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
