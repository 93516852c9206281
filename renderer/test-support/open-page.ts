import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { picturesFolder, type DashboardBench } from './browser.ts';

export interface OpenedPage {
  readonly page: Page;
  /** What the browser held against the page: errors, and what its content policy forbids. */
  readonly faults: string[];
}

export interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Of another host than the bench's own. */
  readonly url?: string;
}

/** A page of the dashboard at this address, once its heading is there. */
export async function openPage(
  { browser, host }: Pick<DashboardBench, 'browser' | 'host'>,
  hash: string,
  { colorScheme = 'light', width = 1360, height = 900, url = host.url }: PageOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const faults: string[] = [];
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser itself reports a refused WebSocket; that is what some tests are about.
    if (message.type() === 'error' && !message.text().includes('/host'))
      faults.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      reportError(
        new Error(`CSP ${event.violatedDirective} ${event.sourceFile}:${event.lineNumber} ${event.sample}`),
      ),
    );
  });
  await page.goto(`${url}#/${hash}`);
  await page
    .getByRole('heading', { level: 1 })
    .first()
    .waitFor()
    .catch((error: unknown) => {
      throw new Error(`${hash}: ${String(error)} ${faults.join('; ')}`);
    });
  return { page, faults };
}

/** Once everything that the page asked for is there; several parts of it may be waiting. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.body.innerText.includes('Loading …'));
}

/** A picture of the window for whoever wants to look; none without a folder for them. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (picturesFolder === undefined) return;
  await mkdir(picturesFolder, { recursive: true });
  await page.screenshot({ path: join(picturesFolder, `${name}.png`), fullPage });
}
