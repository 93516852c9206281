// Stands where Electron's own default app stands: it makes `electron [options] APP_FOLDER` start that app.
// It understands what the tests' driver needs: `--require FILE`, `--version`, and options before the folder.
import { app as electronApp } from 'electron';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

// What Electron's own default app calls, and Electron's types leave out.
/** @typedef {{ setAppPath(path: string): void, setVersion(version: string): void, setDesktopName(name: string): void }} Unlisted */
const app = /** @type {import('electron').App & Unlisted} */ (electronApp);

/** @param {readonly string[]} args the command line without the program */
function readArguments(args) {
  /** @type {string[]} */
  const preloads = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] ?? '';
    if (arg === '--version' || arg === '-v') return { preloads, version: true, at: -1 };
    if (arg === '-r' || arg === '--require') preloads.push(args[(i += 1)] ?? '');
    else if (arg.startsWith('--require=')) preloads.push(arg.slice('--require='.length));
    else if (!arg.startsWith('-')) return { preloads, version: false, at: i };
  }
  return { preloads, version: false, at: -1 };
}

/**
 * Gives the process the app's name, version and path, as the packaged app would have them.
 * @param {string} folder the app's folder, or its main file
 * @returns {string} the main file
 */
function adopt(folder) {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) {
    app.setAppPath(dirname(folder));
    return folder;
  }
  const { name, productName, version, desktopName, main } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (version) app.setVersion(version);
  if (productName ?? name) app.name = productName ?? name;
  if (desktopName) app.setDesktopName(desktopName);
  app.setAppPath(folder);
  return join(folder, main ?? 'index.js');
}

const { preloads, version, at } = readArguments(process.argv.slice(1));
if (version) {
  process.stdout.write(`v${process.versions.electron}\n`);
  process.exit(0);
}
for (const file of preloads) require(file);
if (at < 0) {
  process.stderr.write('usage: electron [options] APP_FOLDER [arguments]\n');
  process.exit(2);
}
const folder = resolve(process.argv[at + 1] ?? '.');
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
process.argv.splice(1, at); // the app sees its folder first, then its own arguments
// This module is still loading while the app's own main loads, which holds back `ready` until that has registered itself.
await import(pathToFileURL(adopt(folder)).href);
