import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { build } from 'vite';
import { startScriptedHost, type ScriptedHost } from './scripted-host.ts';

/** The browser of this machine; undefined where there is none. */
export const browserBinary = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));

/** Where pictures go; none are taken without it. */
export const picturesFolder = process.env['SIGNALBOX_PICTURES'];

export interface DashboardBench {
  readonly browser: Browser;
  readonly host: ScriptedHost;
  /** Folder of the built page. */
  readonly files: string;
  close(): Promise<void>;
}

/** The dashboard as it is built for people, a scripted host behind it, and a real browser in front of it. */
export async function startDashboard(
  options: Omit<Parameters<typeof startScriptedHost>[0], 'files'>,
): Promise<DashboardBench> {
  const files = await mkdtemp(join(tmpdir(), 'signalbox-dashboard-'));
  await build({
    configFile: new URL('../vite.config.ts', import.meta.url).pathname,
    logLevel: 'error',
    build: { outDir: files, emptyOutDir: true },
  });
  const host = await startScriptedHost({ ...options, files });
  const browser = await chromium.launch({
    executablePath: browserBinary ?? '',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  return {
    ...{ browser, host, files },
    async close() {
      await browser.close();
      await host.close();
      await rm(files, { recursive: true, force: true });
    },
  };
}
