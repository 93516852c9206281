// How long a search of a log of a million lines takes through the host's own command, beside ripgrep alone on the same file.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { processLogCommands } from '../contract/process-logs.ts';
import { createOutbound } from '../main/guard/outbound.ts';
import { ownerCaller } from '../main/kernel/caller.ts';
import { createLogs } from '../main/services/supervisor/logs/logs.ts';
import { createLogSink, logPath } from '../main/services/supervisor/logs/log-sink.ts';
import { quantile, report, spread } from './lib/measure.mjs';

const LINES = 1_000_000;
const RUNS = 7;
const GOAL = 2;
const PIECE_LINES = 500;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-logs-'));
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** As a web server prints; 100 lines of it are errors. In one file, so that the peer reads the same. */
function fill(): void {
  const sink = createLogSink(join(folder, 'web'), 1_000_000_000);
  for (let from = 0; from < LINES; from += PIECE_LINES) {
    const lines = Array.from({ length: PIECE_LINES }, (_, index) => {
      const number = from + index;
      const status = number % 10_000 === 4711 ? '500 internal failure' : '200';
      return `2026-11-21T08:00:00.000Z INFO request ${number} GET /api/items/${number % 977}?page=${number % 31} ${status} in ${number % 89} ms\n`;
    });
    sink.append('stdout', Buffer.from(lines.join('')), from);
  }
  sink.close();
}

const outbound = createOutbound({ hmacKey: new Uint8Array(32) });
const logs = createLogs({
  logsDir: folder,
  clock,
  newEpoch: () => 'e',
  part: (text, from, to) => outbound.part('output', text, from, to),
  ripgrepPath: () => rgPath,
  names: () => ['web'],
});
const { input: shape } = processLogCommands['supervisor.searchLogs'];
const { input: linesShape } = processLogCommands['supervisor.readLines'];

interface Case {
  readonly name: string;
  readonly what: { kind: 'text'; text: string } | { kind: 'regex'; pattern: string };
  readonly flags: readonly string[];
  readonly found: number;
}
const cases: readonly Case[] = [
  {
    name: 'text, 100 lines fit',
    what: { kind: 'text', text: 'internal failure' },
    flags: ['-F', 'internal failure'],
    found: 100,
  },
  { name: 'text, no line fits', what: { kind: 'text', text: 'nowhere' }, flags: ['-F', 'nowhere'], found: 0 },
  {
    name: 'regex, 100 lines fit',
    what: { kind: 'regex', pattern: '[45]\\d\\d internal \\w+ in \\d+' },
    flags: ['-e', '[45]\\d\\d internal \\w+ in \\d+'],
    found: 100,
  },
  {
    name: 'text, every line fits, the newest 100',
    what: { kind: 'text', text: 'request' },
    flags: ['-F', 'request'],
    found: 100,
  },
];

async function ours({ what, found }: Case): Promise<number> {
  const before = performance.now();
  const answer = await logs.handlers['supervisor.searchLogs'](
    shape.parse({ what, limit: 100 }),
    ownerCaller('cli'),
  );
  const took = performance.now() - before;
  const count = answer.found[0]?.hits.length ?? 0;
  if (count !== found) throw new Error(`${count} lines were found, not ${found}`);
  return took;
}

function peer({ flags }: Case): number {
  const before = performance.now();
  const { status } = spawnSync(
    rgPath,
    ['--no-config', '--text', '--line-number', ...flags, logPath(join(folder, 'web'), 'stdout')],
    { maxBuffer: 1e9 },
  );
  const took = performance.now() - before;
  if (status === null || status > 1) throw new Error('ripgrep failed');
  return took;
}

try {
  fill();
  const before = performance.now();
  const { end } = await logs.handlers['supervisor.readLines'](
    linesShape.parse({ name: 'web' }),
    ownerCaller('cli'),
  );
  const indexed = performance.now() - before;
  if (end !== LINES) throw new Error(`${end} lines were counted`);
  process.stdout.write(`logs: ${LINES} lines counted at the first look in ${indexed.toFixed(0)} ms\n`);
  const lines = [];
  for (const one of cases) {
    await ours(one);
    peer(one);
    const times: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
    for (let run = 0; run < RUNS; run += 1) {
      times.ours.push(await ours(one));
      times.peer.push(peer(one));
    }
    lines.push({ name: one.name, times });
  }
  const pages: number[] = [];
  for (let run = 0; run < 50; run += 1) {
    const from = (run * 7919 * 131) % (LINES - 200);
    const started = performance.now();
    await logs.handlers['supervisor.readLines'](
      linesShape.parse({ name: 'web', from, count: 200 }),
      ownerCaller('cli'),
    );
    pages.push(performance.now() - started);
  }
  report(
    'logs',
    [
      ...lines.map(({ name, times }) => ({
        what: `search of ${LINES} lines: ${name}`,
        unit: 'ms',
        ours: spread(times.ours),
        peer: { name: 'ripgrep', spread: spread(times.peer) },
        goal: GOAL,
        better: 'less' as const,
      })),
      {
        what: 'page of 200 lines anywhere in it, p95',
        unit: 'ms',
        ours: spread([quantile(pages, 0.95)]),
        peer: { name: 'limit', limit: 100 },
        goal: 1,
        better: 'less' as const,
      },
    ],
    { lines: LINES, countedMs: indexed },
  );
} finally {
  await logs.close();
  rmSync(folder, { recursive: true, force: true });
}
