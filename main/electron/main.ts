import { app, clipboard } from 'electron';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostError } from '../../contract/errors.ts';
import { homeLayout, homePath, makeHome } from '../kernel/home.ts';
import type { OpenHost } from '../headless.ts';
import { createAppHost, type AppHost } from './app-host.ts';
import { createAsker, type Asker } from './ask.ts';
import { createAutostart } from './autostart.ts';
import { setupHardening } from './hardening.ts';
import { setupIpc } from './ipc.ts';
import { homeOption, refusalOf } from './launch.ts';
import { createNoticeWatch } from './notices.ts';
import { createOsPrompt } from './os-prompt.ts';
import { setupNotifications } from './notifications.ts';
import { declareSchemes } from './protocol.ts';
import { texts } from './texts.ts';
import { createTrayActions } from './tray-actions.ts';
import { trayMenu } from './tray-menu.ts';
import { liveProcesses, runningTasks, trayStatus } from './tray-status.ts';
import { setupTray } from './tray.ts';
import { setupDashboard } from './window.ts';

// Nothing here waits for `ready` at the top level: Electron holds `ready` back until this module has run.

/** This file is `dist/main/electron.mjs`, or a part of it in `dist/chunks/`. */
const dist = join(dirname(fileURLToPath(import.meta.url)), '..');

function launch(): void {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const refusal = refusalOf({ argv: process.argv, isPackaged: app.isPackaged, isRoot }, texts);
  if (refusal !== null) {
    process.stderr.write(`${refusal}\n`);
    app.exit(1);
    return;
  }
  // Root has no sandbox of Chromium, and this call would take back the --no-sandbox that lets its processes start.
  if (!isRoot) app.enableSandbox();
  declareSchemes();
  const chosen = homeOption(process.argv);
  const root = homePath(chosen);
  try {
    const home = homeLayout(root);
    makeHome(home);
    // What Chromium writes lies in the home too, and there is one app for each home.
    app.setPath('userData', join(root, 'electron'));
  } catch (error) {
    process.stderr.write(
      `${texts.notice.failed}: ${String(error instanceof Error ? error.message : error)}\n`,
    );
    app.exit(1);
    return;
  }
  if (!app.requestSingleInstanceLock()) {
    process.stdout.write(`Signalbox runs already for ${root}; its dashboard comes to the front.\n`);
    app.exit(0);
    return;
  }
  runApp(root, chosen === undefined ? [] : [`--home=${root}`]);
}

function runApp(root: string, args: readonly string[]): void {
  let opened: OpenHost | null = null;
  let host: AppHost | null = null;
  let asker: Asker | null = null;
  /** Where the window shall open once the host is there. */
  let wanted: string | null = null;
  let isLeaving = false;

  const ask = () => (asker ??= createAsker(texts));
  setupHardening(ask, texts);
  const ipc = setupIpc(
    () => (isLeaving ? null : (opened?.host ?? null)),
    () => performance.now(),
  );

  // The app lives in the tray: closing its window ends nothing.
  app.on('window-all-closed', () => undefined);

  const start = () => {
    const tray = setupTray({
      texts,
      run: (action) => void act(action),
      clicked: () => openDashboard(''),
    });
    const dashboard = setupDashboard({ dist, ipc, texts });
    const autostart = createAutostart(texts.appName, args);
    const notify = setupNotifications(texts, openDashboard);
    const news = createNoticeWatch(texts);
    const act = createTrayActions({
      texts,
      ask: { confirm: (question) => ask().confirm(question), tell: (title, body) => ask().tell(title, body) },
      call: async (name, input) => {
        if (!host) throw new HostError('unavailable', 'the host is starting or stopping');
        return host.call(name, input);
      },
      open: openDashboard,
      copy: (text) => {
        void clipboard.writeText(text);
      },
      startAtLogin: (on) => {
        autostart.set(on);
        refresh();
      },
      quit: () => void quit(true),
    });

    function openDashboard(route: string): void {
      if (host) dashboard.open(route);
      else wanted = route;
    }

    function refresh(): void {
      if (!host || isLeaving) return;
      const { state } = host;
      tray.show({
        ...trayStatus(state, texts),
        items: trayMenu({ state, now: Date.now(), startAtLogin: autostart.on }, texts),
      });
      dashboard.protect(state.invitation.state === 'open');
      for (const notice of news(state)) notify(notice);
    }

    function whatRuns(): string | null {
      if (!host) return null;
      const tasks = runningTasks(host.state);
      const processes = liveProcesses(host.state);
      const parts = [
        ...(tasks > 0 ? [texts.running.tasks(tasks)] : []),
        ...(processes > 0 ? [texts.running.processes(processes)] : []),
      ];
      return parts.length > 0 ? parts.join(texts.running.and) : null;
    }

    async function quit(mayAsk: boolean): Promise<void> {
      if (isLeaving) return;
      const running = mayAsk ? whatRuns() : null;
      if (running !== null && !(await ask().confirm(texts.ask.quit(running)))) return;
      await leave(0);
    }

    /** Stops the host, then the app. A second wish to leave waits for the first. */
    async function leave(code: number): Promise<void> {
      if (isLeaving) return;
      isLeaving = true;
      stopWatching();
      const closing = opened;
      await closing?.close().catch((error: unknown) => {
        process.stderr.write(`the host did not stop cleanly: ${String(error)}\n`);
      });
      tray.remove();
      app.exit(code);
    }

    let stopWatching = () => {};
    app.on('second-instance', () => {
      // Who starts it again may not see the icon: a panel that came later than we did has not been told of it.
      tray.renew();
      openDashboard('');
    });
    app.on('activate', () => {
      openDashboard('');
    });
    app.on('before-quit', (event) => {
      if (isLeaving) return;
      event.preventDefault();
      void quit(false);
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => void quit(false));
    }

    async function openTheHost(): Promise<void> {
      // Loaded only now, so that the icon is there before the host's many modules are.
      const { openHost, SHIM_FLAGS } = await import('../headless.ts');
      const found = await openHost({
        osPrompt: createOsPrompt(),
        root,
        kind: 'tray',
        // `process.execPath` is Electron here, which is not to be run as Node: both need a Node on PATH.
        demoArgv: ['node', join(dist, 'agents', 'demo-agent.mjs')],
        shimArgv: ['node', ...SHIM_FLAGS, join(dist, 'shim', 'signalbox-shim.mjs')],
      });
      if (isLeavingNow()) {
        await found.close();
        return;
      }
      opened = found;
      host = createAppHost(found);
      stopWatching = host.watch(refresh);
      refresh();
      process.stdout.write(`Signalbox is in the tray. Home: ${root}\n`);
      if (wanted !== null) openDashboard(wanted);
    }

    openTheHost().catch(async (error: unknown) => {
      const isTaken = error instanceof HostError && error.code === 'conflict';
      const title = isTaken ? texts.notice.taken.title : texts.notice.failed;
      const body = isTaken
        ? texts.notice.taken.body(root)
        : error instanceof Error
          ? error.message
          : String(error);
      process.stderr.write(`${title}: ${body}\n`);
      await ask().tell(title, body);
      await leave(isTaken ? 0 : 1);
    });
  };

  const isLeavingNow = () => isLeaving;
  app.dock?.hide();
  app.whenReady().then(start, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    app.exit(1);
  });
}

launch();
