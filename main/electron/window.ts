import { app, BrowserWindow, Menu, session as sessions, type Session } from 'electron';
import { join } from 'node:path';
import { denyPermissions, PAGE_PREFERENCES } from './hardening.ts';
import type { Ipc } from './ipc.ts';
import { isRoute } from './launch.ts';
import { serveSite } from './protocol.ts';
import type { Texts } from './texts.ts';

export interface Dashboard {
  /** Shows the dashboard at this route (`#/devices`); makes the window when there is none. */
  open(route: string): void;
  /** While a secret is on the screen, other programs are not to film it, where the system can keep them from it. */
  protect(on: boolean): void;
}

/** The one window, made when it is asked for and destroyed when it is closed: no page lives without being seen. */
export function setupDashboard(deps: { dist: string; ipc: Ipc; texts: Texts }): Dashboard {
  const { dist, ipc, texts } = deps;
  let window: BrowserWindow | null = null;
  let session: Session | null = null;
  let secret = false;

  Menu.setApplicationMenu(
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  );

  function siteSession(): Session {
    if (session) return session;
    // A name without `persist:` lives in memory: nothing of a page is ever written to the disk.
    session = sessions.fromPartition('signalbox');
    denyPermissions(session);
    serveSite(session, join(dist, 'renderer'));
    return session;
  }

  function make(): BrowserWindow {
    const made = new BrowserWindow({
      width: 1200,
      height: 800,
      minWidth: 760,
      minHeight: 520,
      title: texts.appName,
      show: false,
      autoHideMenuBar: true,
      backgroundColor: '#16181d',
      webPreferences: {
        ...PAGE_PREFERENCES,
        session: siteSession(),
        preload: join(dist, 'preload', 'preload.cjs'),
      },
    });
    ipc.attach(made);
    made.setContentProtection(secret);
    made.once('ready-to-show', () => {
      made.show();
    });
    made.once('closed', () => {
      window = null;
      app.dock?.hide();
    });
    void app.dock?.show();
    return made;
  }

  function go(to: BrowserWindow, route: string): void {
    const address = `app://signalbox/${isRoute(route) ? route : ''}`;
    // Another hash is a step inside the page; the same address would load it anew.
    if (to.webContents.getURL() === address) return;
    to.loadURL(address).catch(() => undefined);
  }

  return {
    open(route) {
      const isNew = window === null;
      window ??= make();
      // Without a route a window that is there stays where it is.
      if (isNew || route !== '') go(window, route);
      if (isNew) return;
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    protect(on) {
      if (secret === on) return;
      secret = on;
      window?.setContentProtection(on);
    },
  };
}
