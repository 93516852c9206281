// `npm start`: set up, build what changed, then the tray app; where no window can be shown, the host without one.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { NoElectron, ensureElectron } from './electron-runtime.mjs';
import { hasDisplay } from './lib/display.mjs';
import { explain, say } from './lib/log.mjs';
import { ROOT, fromRoot } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { StepError, lastLines } from './lib/step-error.mjs';
import { ensureSetup } from './setup.mjs';

const NO_HOST = 3;
const launcher = fromRoot('bin', 'signalbox.mjs');

/**
 * `--home DIR` chooses the host for every verb alike, so it goes to `status` too.
 * @param {readonly string[]} args
 */
export function homeArguments(args) {
  const at = args.findIndex((arg) => arg === '--home' || arg.startsWith('--home='));
  if (at < 0) return [];
  return args.slice(at, args[at] === '--home' ? at + 2 : at + 1);
}

/**
 * Says so when a host already runs for this home.
 * @param {readonly string[]} args
 */
async function isRunning(args) {
  const status = await run(process.execPath, [launcher, ...homeArguments(args), 'status'], {
    timeoutMs: 15_000,
  });
  if (status.code === NO_HOST) return false;
  if (status.code !== 0) {
    throw new StepError('a host may be running for this home, but it does not answer as it should', {
      detail: lastLines(status.output),
      mend: '`npx signalbox doctor` says what is wrong',
    });
  }
  say('Signalbox is running already for this home:\n');
  process.stdout.write(status.stdout);
  say('\nTo open it: click its icon in the tray, or open the dashboard address above in a browser.');
  return true;
}

/**
 * Runs the tray app in the foreground and ends as it ends.
 * @param {import('./electron-runtime.mjs').ElectronRuntime} electron
 * @param {readonly string[]} args
 */
function runTrayApp(electron, args) {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (isRoot) {
    say(
      'You are root: Electron then runs only with --no-sandbox, so its windows have no OS sandbox around them.',
    );
    say('Start Signalbox as an ordinary user to have one.');
  }
  say(`Starting the tray app (Electron ${electron.version}). Stop it from its tray menu, or with Ctrl+C.`);
  const child = spawn(electron.path, [...(isRoot ? ['--no-sandbox'] : []), ROOT, ...args], {
    stdio: 'inherit',
  });
  // A terminal sends ^C to the child as well; we wait for it to stop cleanly.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => {
    say(`Electron could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
    if (code) say(`The tray app ended with code ${String(code)}. Without a window: npx signalbox serve`);
  });
}

/**
 * Runs the host without a display, in this process.
 * @param {string} why
 * @param {readonly string[]} args
 */
async function serve(why, args) {
  say(`${why}, so Signalbox starts without a window. It does all the same work; look at it in a browser.`);
  process.argv = [process.execPath, launcher, 'serve', ...args];
  await import(pathToFileURL(launcher).href);
}

/** @param {readonly string[]} args passed on to the app */
async function start(args) {
  await ensureSetup({ for: 'start' });
  await build();
  if (await isRunning(args)) return;
  if (!hasDisplay(process)) {
    await serve('There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)', args);
    return;
  }
  try {
    runTrayApp(await ensureElectron(), args);
  } catch (error) {
    if (!(error instanceof NoElectron)) throw error;
    explain(error);
    await serve('There is a display, but no Electron', args);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await start(process.argv.slice(2));
  } catch (error) {
    explain(error);
    process.exitCode = 1;
  }
}
