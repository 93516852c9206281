import { HostError } from '../../../contract/errors.ts';

export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Levels of things that can start at the same time: the first needs nothing, each other one only what comes before.
 * @throws HostError `invalid_input` for an unknown dependency and for a cycle, which is shown as `a -> b -> a`
 */
export function dependencyLevels<T extends Dependent>(all: readonly T[]): T[][] {
  const names = new Set(all.map((one) => one.name));
  for (const { name, dependsOn } of all) {
    const unknown = dependsOn.find((wanted) => !names.has(wanted));
    if (unknown !== undefined) {
      throw new HostError('invalid_input', `${name} depends on ${unknown}, which is not in the file`, {
        name,
        unknown,
      });
    }
  }
  const levels: T[][] = [];
  const placed = new Set<string>();
  let left = [...all];
  while (left.length > 0) {
    const level = left.filter((one) => one.dependsOn.every((wanted) => placed.has(wanted)));
    if (level.length === 0) {
      const cycle = findCycle(left);
      throw new HostError('invalid_input', `the dependencies form a cycle: ${cycle.join(' -> ')}`, { cycle });
    }
    for (const one of level) placed.add(one.name);
    levels.push(level);
    left = left.filter((one) => !placed.has(one.name));
  }
  return levels;
}

/** The chosen ones and all that they need. @throws HostError `not_found` for a name that is not there */
export function withDependencies<T extends Dependent>(all: readonly T[], only: readonly string[]): T[] {
  const byName = new Map(all.map((one) => [one.name, one]));
  const chosen = new Set<T>();
  const wanted = [...only];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const one = byName.get(name);
    if (!one)
      throw new HostError('not_found', `${name} is not in the file; it has ${[...byName.keys()].join(', ')}`);
    if (chosen.has(one)) continue;
    chosen.add(one);
    wanted.push(...one.dependsOn);
  }
  return all.filter((one) => chosen.has(one));
}

/** Every one of `left` depends on another one of `left`, so walking on from any of them must come around. */
function findCycle(left: readonly Dependent[]): string[] {
  const byName = new Map(left.map((one) => [one.name, one]));
  const path: string[] = [];
  let name = left[0]?.name ?? '';
  while (!path.includes(name)) {
    path.push(name);
    name = byName.get(name)?.dependsOn.find((wanted) => byName.has(wanted)) ?? name;
  }
  return [...path.slice(path.indexOf(name)), name];
}
