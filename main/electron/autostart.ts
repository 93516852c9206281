import { app } from 'electron';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { desktopEntry } from './desktop-entry.ts';

export interface Autostart {
  readonly on: boolean;
  set(on: boolean): void;
}

/** Start at login: the system's own list on macOS and Windows, a desktop entry on Linux. Off until it is asked for. */
export function createAutostart(name: string, args: readonly string[]): Autostart {
  // In a checkout the program is Electron itself, which needs to be told the app.
  const ownArgs = [...(app.isPackaged ? [] : [app.getAppPath()]), ...args];
  if (process.platform !== 'linux') {
    return {
      get on() {
        return app.getLoginItemSettings({ args: [...ownArgs] }).openAtLogin;
      },
      set(on) {
        app.setLoginItemSettings({ openAtLogin: on, args: [...ownArgs] });
      },
    };
  }
  const config = process.env['XDG_CONFIG_HOME'];
  const base = config !== undefined && isAbsolute(config) ? config : join(homedir(), '.config');
  const folder = join(base, 'autostart');
  const file = join(folder, 'signalbox.desktop');
  return {
    get on() {
      return existsSync(file);
    },
    set(on) {
      if (!on) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(folder, { recursive: true });
      // An AppImage is mounted anew at each start: its own path is the one that stays.
      const program = process.env['APPIMAGE'] ?? process.execPath;
      writeFileSync(file, desktopEntry(name, [program, ...ownArgs]), { mode: 0o644 });
    },
  };
}
