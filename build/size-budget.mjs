// Compares what is loaded at start with the limits in size-budget.json. Needs a build.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ROOT, fromRoot } from './lib/paths.mjs';

/** @typedef {{ unit: 'bytes' | 'gzip', limit: number, entry: string }} Budget */

/**
 * The files that an ES module or a page names to be loaded with it. Dynamic imports are not among them: they are the
 * way to keep something out of the start.
 * @param {string} file
 * @param {string} text
 */
export function namedFiles(file, text) {
  if (file.endsWith('.html')) {
    return [...text.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="\/?([^"]+\.(?:js|css))"/g)].map(
      (m) => m[1] ?? '',
    );
  }
  return [...text.matchAll(/^(?:import|export)?[^'"\n]*?(?:from|import)\s*"(\.{1,2}\/[^"]+)";?$/gm)].map(
    (m) => m[1] ?? '',
  );
}

/**
 * A file and everything that is loaded with it.
 * @param {string} entry absolute
 * @param {Set<string>} [seen]
 */
export function loadedWith(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  if (!/\.(html|mjs|js)$/.test(entry)) return seen;
  for (const name of namedFiles(entry, readFileSync(entry, 'utf8'))) {
    const file = resolve(dirname(entry), name);
    if (existsSync(file)) loadedWith(file, seen);
  }
  return seen;
}

/**
 * @param {Budget} budget
 * @returns {number} bytes
 */
function measure({ entry, unit }) {
  const contents = [...loadedWith(fromRoot(entry))].map((file) => readFileSync(file));
  return contents.reduce(
    (sum, content) => sum + (unit === 'gzip' ? gzipSync(content).length : content.length),
    0,
  );
}

/** @param {number} bytes */
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

function main() {
  /** @type {Record<string, Budget>} */
  const budgets = JSON.parse(readFileSync(fromRoot('build', 'size-budget.json'), 'utf8'));
  let over = 0;
  for (const [name, budget] of Object.entries(budgets)) {
    if (!existsSync(fromRoot(budget.entry))) {
      process.stdout.write(`MISSING  ${name}: ${relative(ROOT, join(ROOT, budget.entry))} is not built\n`);
      over += 1;
      continue;
    }
    const bytes = measure(budget);
    if (bytes > budget.limit) over += 1;
    const unit = budget.unit === 'gzip' ? ' gzip' : '';
    process.stdout.write(
      `${bytes > budget.limit ? 'OVER    ' : 'within  '} ${name}: ${kib(bytes)}${unit} of ${kib(budget.limit)}\n`,
    );
  }
  process.exitCode = over > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
