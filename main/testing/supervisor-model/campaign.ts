import { seeded } from '../seeded.ts';
import { CRASHES } from './crashes.ts';
import { isAlive } from './model.ts';
import { STEPS, type Choose } from './steps.ts';
import { createWorld, type World } from './world.ts';

export interface ModelFigures {
  readonly states: number;
  readonly crashes: number;
  /** One line, with its end. */
  readonly figure: string;
}

const ALL: readonly ((typeof STEPS)[number] & { readonly isCrash?: true })[] = [
  ...STEPS,
  ...CRASHES.map((one) => ({ ...one, isCrash: true as const })),
];

function nextStep(world: World, choose: Choose) {
  const lives = [...world.belief.values()].some(isAlive);
  const possible = ALL.filter(({ needsLife }) => lives || needsLife !== true);
  let at = choose(possible.reduce((sum, { weight }) => sum + weight, 0));
  return possible.find(({ weight }) => (at -= weight) < 0) ?? STEPS[0];
}

const STEP_MS = 20_000;

/** A command that is never answered is a fault like any other. */
async function inTime(step: Promise<void>, ms = STEP_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('this step does not end')), ms);
  });
  await Promise.race([step, late]).finally(() => clearTimeout(timer));
}

/**
 * Random commands, ends, kills and crashes against a whole supervisor with real children, held against a small model
 * after every step. The same seed makes the same choices.
 */
export async function runSupervisorModel(shim: string, steps: number, seed: number): Promise<ModelFigures> {
  const choose = seeded(seed);
  const from = performance.now();
  const world = await createWorld(shim);
  let crashes = 0;
  try {
    for (let step = 0; step < steps; step += 1) {
      const next = nextStep(world, choose);
      if (!next) throw new Error('there is no step to take');
      await inTime(next.play(world, choose));
      if ('isCrash' in next) crashes += 1;
    }
    await world.bench.end();
  } catch (error) {
    await inTime(world.bench.end(), 5_000).catch(() => {});
    const last = world.history.slice(-20).join('\n  ');
    throw new Error(`seed ${seed}, the last of ${world.history.length} steps:\n  ${last}\n${String(error)}`, {
      cause: error,
    });
  }
  const { states, transitions, looks } = world.seen;
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const figure =
    `supervisor model (seed ${seed}): ${steps} steps with real processes in ${seconds} s, ${crashes} crashes, ` +
    `${states.size} of 9 states, ${transitions.size} kinds of transition, ${looks} looks at the system, 0 orphans, 0 zombies\n`;
  return { states: states.size, crashes, figure };
}
