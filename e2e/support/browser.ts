import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Visitor {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: errors, failed requests, refused policies. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** The Chromium of this machine. @throws when there is none */
function chromiumPath(): string {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (found === undefined) throw new Error('no Chromium is installed here: npm run setup -- --test');
  return found;
}

async function visit(
  args: readonly string[],
  context: Parameters<Browser['newContext']>[0],
): Promise<Visitor> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...QUIET, ...args] });
  const made = await browser.newContext({ locale: 'en-GB', ...context });
  const page = await made.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  return {
    browser,
    context: made,
    page,
    complaints,
    close: () => browser.close(),
  };
}

/** A phone with a camera that sees the video; camera use is allowed, as by a person who pressed "allow". */
export function openPhone(video: string): Promise<Visitor> {
  return visit(
    [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ],
    {
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      permissions: ['camera'],
    },
  );
}

/** A browser on a desk. */
export function openBrowser(): Promise<Visitor> {
  return visit([], { viewport: { width: 1280, height: 860 } });
}

/** Pictures of one journey, numbered in the order in which they were taken. */
export function createAlbum(folder: string) {
  let count = 0;
  return {
    async add(name: string, page: Pick<Page, 'screenshot'>): Promise<void> {
      count += 1;
      const path = join(folder, `${String(count).padStart(2, '0')}-${name}.png`);
      await page.screenshot({ path, animations: 'disabled' });
    },
  };
}
export type Album = ReturnType<typeof createAlbum>;
