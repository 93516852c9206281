import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ready, startDesktop, type DesktopApp } from '../support/electron.ts';
import { until } from '../support/until.ts';

const LINES = 1_000_000;
const PER_SECOND = 10_000;
const FOLLOWED_MS = 10_000;
const LONGEST_FRAME = 50;

/** A million lines at once, and 10,000 lines a second, twenty to a write, when it is told by a file. */
const PRINTER = `
const fs = require('node:fs');
const line = (i) => \`\\u001b[32m2026-11-21\\u001b[0m \${i} GET /api/items/\${i} 200\\n\`;
let next = 0;
function block(count) {
  let text = '';
  for (let i = 0; i < count; i += 1) text += line(next++);
  return text;
}
(function fill() {
  while (next < ${LINES}) if (!process.stdout.write(block(1000))) return process.stdout.once('drain', fill);
  let from = 0, sent = 0;
  setInterval(() => {
    if (!fs.existsSync(process.argv[2])) return;
    from ||= performance.now();
    const due = Math.floor(((performance.now() - from) / 1000) * ${PER_SECOND}) - sent;
    sent += due;
    for (let left = due; left > 0; left -= 20) process.stdout.write(block(Math.min(20, left)));
  }, 2);
})();
`;

let desktop: DesktopApp;
let page: Page;
let begin = '';

/** What the page tells of its own frames; installed before they are drawn. */
const WATCH = `(() => {
  const watch = { gaps: [], long: [], last: performance.now(), on: true };
  window.frames_ = watch;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) watch.long.push(one.duration); }).observe({ type: 'longtask' });
  const frame = (now) => { watch.gaps.push(now - watch.last); watch.last = now; if (watch.on) requestAnimationFrame(frame); };
  requestAnimationFrame((now) => { watch.last = now; requestAnimationFrame(frame); });
})()`;

interface Frames {
  readonly gaps: number[];
  readonly long: number[];
}

async function frames(): Promise<Frames> {
  return page.evaluate<Frames>(
    `(() => { frames_.on = false; return { gaps: frames_.gaps, long: frames_.long }; })()`,
  );
}

function say(what: string, { gaps, long }: Frames): void {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  const late = gaps.filter((gap) => gap > LONGEST_FRAME).length;
  process.stdout.write(
    `log view, ${what}: ${gaps.length} frames, gap median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms, ` +
      `${late} over ${LONGEST_FRAME} ms; long tasks (over 50 ms) ${long.length}, longest ${Math.max(0, ...long).toFixed(0)} ms\n`,
  );
}

/** How many lines the view says there are. */
async function shownCount(): Promise<number> {
  return Number(await page.locator('.log').getAttribute('aria-rowcount'));
}

beforeAll(async () => {
  desktop = await startDesktop();
  begin = join(desktop.root, 'begin');
  writeFileSync(join(desktop.root, 'printer.cjs'), PRINTER);
  await ready(desktop);
  page = await desktop.dashboard();
  await until('the page is drawn', async () => (await page.locator('#root').textContent()) !== '');
  const definition = {
    name: 'printer',
    argv: ['node', join(desktop.root, 'printer.cjs'), begin],
    cwd: desktop.root,
  };
  const answer = await page.evaluate<{ ok: boolean }>(
    `signalbox.supervisor.run(${JSON.stringify(definition)})`,
  );
  expect(answer.ok).toBe(true);
  await page.evaluate(`location.hash = '#/processes/printer'`);
});

afterAll(async () => {
  await desktop.stop();
});

test('the view of a million lines is at its newest line, and any line is a moment away', async () => {
  await page.locator('.log-row').first().waitFor();
  await until('all lines are counted', async () => (await shownCount()) >= LINES);
  await page.getByText(`GET /api/items/${LINES - 1} 200`).waitFor();
  // However many lines there are, the page holds those that are on the screen.
  expect(await page.locator('.log-row').count()).toBeLessThan(120);
  await page.locator('.log').focus();
  await page.keyboard.press('Home');
  await page.getByText('GET /api/items/0 200', { exact: false }).first().waitFor();
  await page.getByRole('textbox', { name: 'Search this log' }).fill('items/500123 ');
  await page.locator('.log-row[data-hit]').getByText('items/500123').waitFor();
  await page.getByRole('textbox', { name: 'Search this log' }).fill('');
  await page.getByRole('button', { name: 'Follow' }).click();
  await page.getByText(`GET /api/items/${LINES - 1} 200`).waitFor();
});

test('while 10,000 lines a second are followed, no frame of the page takes longer than 50 ms', async () => {
  await page.evaluate(WATCH);
  await until('some quiet frames', async () => page.evaluate<boolean>(`frames_.gaps.length > 120`));
  say('nothing printed', await frames());
  const before = await shownCount();
  writeFileSync(begin, '');
  await until('it prints', async () => (await shownCount()) > before + PER_SECOND);
  await page.evaluate(WATCH);
  const from = performance.now();
  const first = await shownCount();
  await until('it was followed long enough', () => performance.now() - from > FOLLOWED_MS);
  const lines = (await shownCount()) - first;
  const measured = await frames();
  const perSecond = lines / ((performance.now() - from) / 1000);
  say(`${Math.round(perSecond)} lines a second followed over ${first} lines`, measured);
  expect(perSecond).toBeGreaterThan(PER_SECOND * 0.9);
  // Work of the page itself; a gap between frames also holds what other processes take from this machine.
  expect(measured.long.filter((duration) => duration > LONGEST_FRAME)).toEqual([]);
});
