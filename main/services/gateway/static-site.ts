import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener } from './http-listener.ts';

const COMMON = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
];

/** The dashboard in a browser: the same policy as in its own window. */
export const DASHBOARD_CSP = [
  ...COMMON,
  "img-src 'self' data:",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The phone app needs the camera's own picture, and connections to the hosts it is paired with. */
export const COMPANION_CSP = [
  ...COMMON,
  "img-src 'self' data: blob:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self' ws://127.0.0.1:* ws://localhost:* wss:",
].join('; ');

/** Serves a built site from a fixed list of files; every other path is its one page, which does its own routing. */
export function serveSite(
  listener: Listener,
  { folder, csp, permissions }: { folder: string; csp: string; permissions: string },
): void {
  listener.addRoutes(async (app) => {
    if (!existsSync(join(folder, 'index.html'))) {
      app.get('/*', async (_request, reply) =>
        reply.code(503).type('text/plain').send('This part of Signalbox is not built yet: npm run build\n'),
      );
      return;
    }
    const { default: fastifyStatic } = await import('@fastify/static');
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      cacheControl: false,
      setHeaders: (response, path) => {
        response.setHeader('content-security-policy', csp);
        response.setHeader('permissions-policy', permissions);
        // Names of built files hold their hash: they can be kept. The page itself is asked for each time.
        const fixed = /[.-][0-9a-zA-Z_-]{8,}\.(js|css|woff2|png|svg|ttf)$/.test(path);
        response.setHeader('cache-control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
    app.setNotFoundHandler(async (request, reply) => {
      const wantsPage = request.method === 'GET' && !/\.[a-z0-9]+$/i.test(request.url.split('?')[0] ?? '');
      if (!wantsPage) return reply.code(404).send({ error: 'not found' });
      return reply.sendFile('index.html');
    });
  });
}
