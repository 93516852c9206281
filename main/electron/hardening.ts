import { app, shell, type Session, type WebContents } from 'electron';
import type { Asker } from './ask.ts';
import { externalUrl } from './external-url.ts';
import { isSiteUrl } from './sender.ts';
import type { Texts } from './texts.ts';

/** Settings of every page, whatever it shows. */
export const PAGE_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  devTools: !app.isPackaged,
} as const;

/** No page of this app gets a device, a sensor or a say over the desktop; ours may put text on the clipboard. */
export function denyPermissions(session: Session): void {
  const mayCopy = (permission: string, url: string | undefined) =>
    permission === 'clipboard-sanitized-write' && url !== undefined && isSiteUrl(url);
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(mayCopy(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => mayCopy(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => {
    answer({});
  });
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => {
    event.preventDefault();
  });
}

/** Holds for every page that is ever made: it stays where it was put, and opens nothing. */
export function setupHardening(ask: () => Asker, texts: Texts): void {
  let asking = false;

  /** The only way out of the app: one question at a time, which names the host. */
  async function openExternal(raw: string): Promise<void> {
    const target = externalUrl(raw);
    if (!target || asking) return;
    asking = true;
    try {
      if (await ask().confirm(texts.ask.external(target.host))) await shell.openExternal(target.href);
    } finally {
      asking = false;
    }
  }

  function fence(contents: WebContents): void {
    const stay = (event: { preventDefault(): void }) => {
      event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-attach-webview', stay);
    contents.setWindowOpenHandler(({ url }) => {
      void openExternal(url).catch(() => undefined);
      return { action: 'deny' };
    });
  }

  app.on('web-contents-created', (_event, contents) => {
    fence(contents);
  });
}
