import { once } from 'node:events';
import { createServer } from 'node:net';
import { HostError } from '../../../contract/errors.ts';
import type { ManagedProcess, ProcessDefinition } from '../../../contract/supervisor.ts';
import { isWanted } from './process-machine.ts';

/** The range of agent-procs, so that bookmarks and scripts of its users hold. */
const FIRST = 4000;
const LAST = 4999;

/**
 * Gives a process that asks for any port one of its own: the one that it had before as long as nobody else has taken
 * it, else the first of 4000 to 4999 that is free and that no other process is defined with.
 * @throws HostError `too_many` when none is left
 */
export function createAutoPorts(
  all: () => readonly ManagedProcess[],
): (definition: ProcessDefinition) => Promise<ProcessDefinition> {
  // What was given out a moment ago and is not defined yet: a project starts many at the same time.
  const given = new Map<string, number>();

  function ofOthers(name: string): Set<number | null> {
    const defined = all().filter((one) => one.name !== name);
    const promised = [...given].filter(([other]) => other !== name).map(([, port]) => port);
    return new Set([...defined.map((one) => one.definition.port), ...promised]);
  }

  return async (definition) => {
    const { name, autoPort, port: asked } = definition;
    if (autoPort !== true || asked !== null) return definition;
    const known = all().find((one) => one.name === name);
    const before = known?.definition.autoPort === true ? known.definition.port : null;
    if (known && before !== null && isWanted(known)) return { ...definition, port: before };
    const range = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);
    for (const port of before === null ? range : [before, ...range]) {
      if (ofOthers(name).has(port)) continue;
      given.set(name, port);
      if (await isFree(port)) return { ...definition, port };
    }
    given.delete(name);
    throw new HostError('too_many', `no port from ${FIRST} to ${LAST} is free for ${name}; give it one`);
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
