import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The policy of every page of the app; the dashboard is built to live under it. */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types app',
].join('; ');

export const SITE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-cache',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export interface SiteFile {
  readonly path: string;
  readonly type: string;
}

/** Every file of a built site by its address. Made once; a request only looks up here and never becomes a path. */
export function siteFiles(folder: string): ReadonlyMap<string, SiteFile> {
  const files = new Map<string, SiteFile>();
  const walk = (inside: string, address: string): void => {
    for (const entry of readdirSync(inside, { withFileTypes: true })) {
      const path = join(inside, entry.name);
      // A link could lead out of the folder: only what is a file itself is served.
      if (entry.isDirectory()) walk(path, `${address}${entry.name}/`);
      const type = TYPES[extname(entry.name)];
      if (entry.isFile() && type !== undefined) files.set(`${address}${entry.name}`, { path, type });
    }
  };
  walk(folder, '/');
  const page = files.get('/index.html');
  if (page) files.set('/', page);
  return files;
}

/** The file that a request means, or null: another host, a method that writes, a query, an address not on the list. */
export function lookUp(
  files: ReadonlyMap<string, SiteFile>,
  request: { method: string; url: string },
): SiteFile | null {
  if (request.method !== 'GET' || !URL.canParse(request.url)) return null;
  const url = new URL(request.url);
  if (url.protocol !== 'app:' || url.host !== 'signalbox' || url.search !== '') return null;
  return files.get(url.pathname) ?? null;
}
