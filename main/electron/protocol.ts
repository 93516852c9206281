import { protocol, type Session } from 'electron';
import { readFile } from 'node:fs/promises';
import { lookUp, SITE_HEADERS, siteFiles, type SiteFile } from './site.ts';

/** Must run before the app is ready. */
export function declareSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

const nothingHere = () => new Response('not found', { status: 404, headers: SITE_HEADERS });

/** Serves the built dashboard, and nothing else, as app://signalbox/ in this session. */
export function serveSite(session: Session, folder: string): void {
  let files: ReadonlyMap<string, SiteFile> | null = null;
  session.protocol.handle('app', async (request) => {
    files ??= siteFiles(folder);
    const file = lookUp(files, request);
    if (!file) return nothingHere();
    try {
      const body = new Uint8Array(await readFile(file.path));
      return new Response(body, { headers: { ...SITE_HEADERS, 'content-type': file.type } });
    } catch {
      return nothingHere();
    }
  });
}
