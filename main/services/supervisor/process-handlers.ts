import type { HandlersOf } from '../../kernel/handlers.ts';
import { createAutoPorts } from './auto-port.ts';
import type { SupervisorDeps } from './ports.ts';
import type { ProcessSet } from './process-set.ts';
import { down, projectFile, readProject, up, type ProjectDeps } from './project.ts';

type Name = 'run' | 'start' | 'stop' | 'restart' | 'stopAll' | 'remove' | 'up' | 'down';

/** The commands that start and end processes. What they answer has been put on the disk. */
export function processHandlers(
  processes: ProcessSet,
  saved: () => Promise<void>,
  { clock, hostEnv }: Pick<SupervisorDeps, 'clock' | 'hostEnv'>,
): Pick<HandlersOf<'supervisor'>, `supervisor.${Name}`> {
  const project: ProjectDeps = {
    clock,
    env: hostEnv,
    find: processes.find,
    define: processes.define,
    all: processes.all,
    withPort: createAutoPorts(() => processes.all().map((one) => one.current())),
  };

  async function kept<T>(answer: T): Promise<T> {
    await saved();
    return answer;
  }

  return {
    async 'supervisor.run'(asked, caller) {
      const definition = asked.autoPort === true ? await project.withPort(asked) : asked;
      const one = processes.define(definition, null);
      const outcome = await one.run(definition, null, caller.principal);
      return kept({ process: one.current(), outcome });
    },
    async 'supervisor.start'({ name }, caller) {
      const one = processes.get(name);
      await one.start(caller.principal);
      return kept(one.current());
    },
    async 'supervisor.stop'({ name }, caller) {
      const one = processes.get(name);
      await one.stop(caller.principal);
      return kept(one.current());
    },
    async 'supervisor.restart'({ name }, caller) {
      const one = processes.get(name);
      await one.restart(caller.principal);
      return kept(one.current());
    },
    async 'supervisor.stopAll'(_input, caller) {
      // All of them: one that is just being started is not alive yet, and one that failed may be watched.
      const all = processes.all();
      const stopped = await Promise.all(all.map((one) => one.stop(caller.principal)));
      return kept({ stopped: all.filter((_, at) => stopped[at]).map((one) => one.current().name) });
    },
    async 'supervisor.remove'({ name }, caller) {
      await processes.remove(name, caller.principal);
      return kept({});
    },
    async 'supervisor.up'({ file, only, env }, caller) {
      const found = await readProject(file, { ...hostEnv, ...env });
      return kept({ processes: await up(found, only, caller.principal, project) });
    },
    async 'supervisor.down'({ file }, caller) {
      return kept({ stopped: await down(await projectFile(file), caller.principal, project) });
    },
  };
}
