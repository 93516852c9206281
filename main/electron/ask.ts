import { BrowserWindow, session as sessions, type Session } from 'electron';
import { ANSWERS, ASK_HEADERS, ASK_STYLE, askPage } from './ask-page.ts';
import { denyPermissions, PAGE_PREFERENCES } from './hardening.ts';
import type { Question, Texts } from './texts.ts';

export interface Asker {
  /** True only for a plain yes; closing the window is a no. */
  confirm(question: Question): Promise<boolean>;
  /** Says something that must be read; resolves when it was. */
  tell(title: string, body: string): Promise<void>;
}

/**
 * Questions in a window of their own. It has no script, no preload and no channel to the main process: a click on one
 * of its two links is caught on its way and is the answer.
 */
export function createAsker(texts: Texts): Asker {
  let page = '';
  let session: Session | null = null;
  let last: Promise<unknown> = Promise.resolve();

  function askSession(): Session {
    if (session) return session;
    session = sessions.fromPartition('signalbox-ask');
    denyPermissions(session);
    session.protocol.handle('app', ({ url }) => {
      const send = (body: string, type: string) =>
        new Response(body, { headers: { ...ASK_HEADERS, 'content-type': `${type}; charset=utf-8` } });
      if (url === 'app://ask/') return send(page, 'text/html');
      if (url === 'app://ask/style.css') return send(ASK_STYLE, 'text/css');
      return new Response('not found', { status: 404 });
    });
    return session;
  }

  function open(title: string, html: string): Promise<boolean> {
    page = html;
    const window = new BrowserWindow({
      width: 460,
      height: 250,
      title,
      resizable: false,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      alwaysOnTop: true,
      center: true,
      autoHideMenuBar: true,
      webPreferences: { ...PAGE_PREFERENCES, session: askSession() },
    });
    return new Promise((resolve) => {
      let answer = false;
      // The fence around every page stops this step; that it was tried is the answer. No other event follows it.
      window.webContents.on('will-frame-navigate', ({ url }) => {
        if (url !== ANSWERS.yes && url !== ANSWERS.no) return;
        answer = url === ANSWERS.yes;
        window.destroy();
      });
      window.webContents.on('before-input-event', (_event, { type, key }) => {
        if (type === 'keyDown' && key === 'Escape') window.destroy();
      });
      window.once('closed', () => {
        resolve(answer);
      });
      window.loadURL('app://ask/').catch(() => {
        if (!window.isDestroyed()) window.destroy();
      });
    });
  }

  /** One at a time: a second question over the first could be answered by mistake. */
  function inTurn(title: string, html: string): Promise<boolean> {
    const next = last.then(() => open(title, html));
    last = next;
    return next;
  }

  return {
    confirm: (question) => inTurn(question.title, askPage(question, texts.ask.cancel)),
    async tell(title, body) {
      await inTurn(title, askPage({ title, body, yes: null }, texts.ask.understood));
    },
  };
}
