// `npm test`: everything that decides whether the checkout is good. Ends with the line "N passed, M failed".
//   --only NAME,NAME   some steps (types, lint, format, dead-code, docs, unit, mobile, size, e2e; `check` = the first five)
//   --long             the slow campaigns (*.long.test.ts) instead
//   --verbose          every tool's whole output, not only a failing one's
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { explain, say } from './lib/log.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { StepError, lastLines } from './lib/step-error.mjs';
import { chooseSteps, missingPrograms, testPlan } from './lib/test-plan.mjs';
import { readCounts, settle, total } from './lib/test-results.mjs';
import { ensureSetup } from './setup.mjs';

/**
 * @typedef {import('./lib/test-plan.mjs').TestStep} TestStep
 * @typedef {{ name: string, ok: boolean, seconds: number, counts: import('./lib/test-results.mjs').Counts }} Outcome
 */

const CHECKS_AT_ONCE = 2;
const SHOWN_LINES = 80;

/** @param {Outcome} outcome */
function line({ name, ok, seconds, counts }) {
  const cases = counts.passed + counts.failed > 0 && ok ? `  ${String(counts.passed)} passed` : '';
  const skipped = counts.skipped > 0 ? `, ${String(counts.skipped)} skipped` : '';
  return `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s${cases}${skipped}`;
}

/**
 * Runs a step's commands, all of them even when one fails: one run should tell everything.
 * @param {TestStep} step
 */
async function runCommands(step) {
  const missing = missingPrograms(step);
  if (missing.length > 0) return { ok: false, output: `${missing.join(', ')} is not there` };
  let ok = true;
  let output = '';
  for (const command of step.commands) {
    const result = await run(process.execPath, command, {
      cwd: step.cwd ?? ROOT,
      // The build of the dashboard leaves its NODE_ENV behind in this process; a test runner chooses its own.
      env: { NO_COLOR: '1', FORCE_COLOR: undefined, NODE_ENV: undefined, ...step.env },
      timeoutMs: step.timeoutMs,
    });
    ok &&= result.code === 0;
    output += result.output;
    if (result.timedOut)
      output += `\nstopped: it took longer than ${String(step.timeoutMs / 60_000)} minutes\n`;
  }
  return { ok, output };
}

/**
 * @param {TestStep} step
 * @param {boolean} verbose
 * @returns {Promise<Outcome>}
 */
async function runStep(step, verbose) {
  const started = performance.now();
  const { ok, output } = await runCommands(step);
  const counts = settle(step.report && step.read ? readCounts(step.report, step.read) : undefined, ok);
  const outcome = {
    name: step.name,
    ok: counts.failed === 0,
    seconds: (performance.now() - started) / 1000,
    counts,
  };
  say(line(outcome));
  if (verbose || !outcome.ok) say(lastLines(output, verbose ? Infinity : SHOWN_LINES).replace(/^/gm, '  | '));
  if (!outcome.ok) say(`  To mend it: ${step.mend}`);
  return outcome;
}

/**
 * Runs steps, at most `width` at once, in order.
 * @param {readonly TestStep[]} steps
 * @param {number} width
 * @param {boolean} verbose
 */
async function runAll(steps, width, verbose) {
  const queue = [...steps];
  /** @type {Outcome[]} */
  const outcomes = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) outcomes.push(await runStep(next, verbose));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return outcomes;
}

/** @param {readonly string[]} args */
function readArguments(args) {
  const at = args.findIndex((arg) => arg === '--only' || arg.startsWith('--only='));
  const names =
    at < 0 ? undefined : args[at] === '--only' ? (args[at + 1] ?? '') : args[at]?.slice('--only='.length);
  return {
    only: names?.split(',').filter(Boolean),
    long: args.includes('--long'),
    verbose: args.includes('--verbose'),
  };
}

/**
 * Work of ours that the steps stand on: its failure is told and counted like theirs.
 * @param {string} name
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Outcome>}
 */
async function prepare(name, work) {
  const started = performance.now();
  let ok = true;
  try {
    await work();
  } catch (error) {
    ok = false;
    explain(error);
  }
  const outcome = { name, ok, seconds: (performance.now() - started) / 1000, counts: settle(undefined, ok) };
  say(line(outcome));
  return outcome;
}

/**
 * @param {readonly TestStep[]} steps
 * @param {boolean} verbose
 * @returns {Promise<Outcome[]>}
 */
async function test(steps, verbose) {
  const setup = await prepare('setup', () => ensureSetup({ for: 'test' }));
  if (!setup.ok) return [setup];
  const ofKind = (/** @type {TestStep['kind']} */ kind) => steps.filter((step) => step.kind === kind);
  const outcomes = [setup, ...(await runAll(ofKind('check'), CHECKS_AT_ONCE, verbose))];
  /** @type {TestStep[]} */
  let suites = ofKind('suite');
  if (suites.some((step) => step.needsBuild)) {
    const built = await prepare('build', () => build());
    outcomes.push(built);
    if (!built.ok) suites = suites.filter((step) => !step.needsBuild);
  }
  return [...outcomes, ...(await runAll(suites, 1, verbose))];
}

/**
 * @param {readonly string[]} args
 * @param {string} reports folder for the runners' reports
 */
function chooseFrom(args, reports) {
  const { only, long, verbose } = readArguments(args);
  const plan = testPlan({ reports, long });
  const { chosen, unknown } = only ? chooseSteps(plan, only) : { chosen: plan, unknown: [] };
  if (unknown.length > 0) {
    throw new StepError(`there is no step named ${unknown.join(', ')}`, {
      mend: `use ${plan.map((step) => step.name).join(', ')} or check`,
    });
  }
  return { chosen, verbose };
}

async function main() {
  const started = performance.now();
  const reports = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  try {
    const { chosen, verbose } = chooseFrom(process.argv.slice(2), reports);
    const outcomes = await test(chosen, verbose);
    const { passed, failed, skipped } = total(outcomes.map((outcome) => outcome.counts));
    say(`\nSummary, ${((performance.now() - started) / 1000).toFixed(0)} s in all:`);
    for (const outcome of outcomes) say(`  ${line(outcome)}`);
    if (skipped > 0) say(`  ${String(skipped)} cases were skipped`);
    if (failed > 0) process.exitCode = 1;
    process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main();
  } catch (error) {
    explain(error);
    process.exitCode = 2;
  }
}
