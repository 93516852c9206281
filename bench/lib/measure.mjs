// What every measurement needs: statistics, the machine, memory, waiting, and the report.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fromRoot } from '../../build/lib/paths.mjs';

const LOOK_EVERY_MS = 5;

/** @typedef {{ median: number, min: number, max: number, n: number }} Spread */

/**
 * @param {readonly number[]} values
 * @param {number} part 0 to 1
 */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/**
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN, n: sorted.length };
}

/** @param {number} value */
const short = (value) => value.toFixed(value < 10 ? 3 : value < 100 ? 1 : 0);

/** @param {Spread} of */
export const shown = ({ median, min, max }) => `${short(median)} (${short(min)}..${short(max)})`;

/**
 * Looks every 5 ms until there is an answer.
 * @template T
 * @param {string} what for the error
 * @param {() => T | Promise<T>} look
 * @param {number} [timeoutMs]
 */
export async function until(what, look, timeoutMs = 30_000) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

/**
 * A process and all that descends from it. Linux.
 * @param {number} root
 */
export function processTree(root) {
  /** @type {[number, number][]} */
  const parents = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.push([Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]);
    } catch {
      // It ended while we were looking.
    }
  }
  const found = [root];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

/**
 * @param {number} root
 * @param {'Pss' | 'Rss'} field of /proc/PID/smaps_rollup
 */
function treeMemory(root, field) {
  const pattern = new RegExp(`^${field}:\\s+(\\d+)`, 'm');
  let kib = 0;
  for (const pid of processTree(root)) {
    try {
      kib += Number(pattern.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It ended while we were looking.
    }
  }
  return (kib * 1024) / 1e6;
}

/**
 * Proportional set size of a process tree in MB (10^6 bytes): a page shared by k processes counts 1/k in each.
 * @param {number} root
 */
export const treePss = (root) => treeMemory(root, 'Pss');

/**
 * Resident set size of a process tree in MB: as if nothing were shared with anybody. Other Node processes on the
 * machine make a Node program's PSS smaller, but not this.
 * @param {number} root
 */
export const treeRss = (root) => treeMemory(root, 'Rss');

/**
 * The memory once it has come to rest: four looks, half a second apart, within 1 % of each other; 20 s at most.
 * @param {number} root
 */
export async function settledPss(root) {
  /** @type {number[]} */
  const seen = [];
  for (let look = 0; look < 40; look += 1) {
    await pause(500);
    seen.push(treePss(root));
    const last = seen.slice(-4);
    if (last.length === 4 && Math.max(...last) < 1.01 * Math.min(...last)) break;
  }
  return seen.at(-1) ?? NaN;
}

/**
 * @typedef {object} Line one comparison
 * @property {string} what
 * @property {string} unit
 * @property {Spread} ours
 * @property {{ name: string, spread?: Spread, limit?: number }} peer measured in this run, or a limit that is set
 * @property {number} [goal] the ratio that is asked for
 * @property {'less' | 'more'} better
 */

/**
 * Prints the comparisons and leaves them in bench/output/<name>.json.
 * @param {string} name
 * @param {readonly Line[]} lines
 * @param {object} [notes]
 */
export function report(name, lines, notes = {}) {
  const machine = {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    system: `${process.platform} ${release()}`,
    node: process.version,
    loadAverage: loadavg().map((one) => Number(one.toFixed(2))),
  };
  const date = new Date().toISOString();
  const results = lines.map((line) => {
    const ratio = line.ours.median / (line.peer.spread?.median ?? line.peer.limit ?? NaN);
    const met =
      line.goal === undefined ? null : line.better === 'less' ? ratio <= line.goal : ratio >= line.goal;
    return { ...line, ratio, met };
  });
  process.stdout.write(
    `\n${name}  ${date}  ${machine.cpu} x${machine.cores}  load ${machine.loadAverage.join(' ')}\n`,
  );
  for (const { what, unit, ours, peer, ratio, goal, met } of results) {
    const other = peer.spread ? shown(peer.spread) : short(peer.limit ?? NaN);
    const verdict = met === null ? '' : `  goal ${goal}: ${met ? 'met' : 'MISSED'}`;
    process.stdout.write(
      `  ${what}: ${shown(ours)} ${unit}, ${peer.name} ${other} ${unit}, ratio ${ratio.toFixed(2)}${verdict}  (n=${ours.n})\n`,
    );
  }
  const folder = fromRoot('bench', 'output');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify({ name, date, machine, notes, results }, null, 2)}\n`,
  );
}
