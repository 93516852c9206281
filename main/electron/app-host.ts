import type { HostState } from '../../contract/host-state.ts';
import type { Reply } from '../../contract/errors.ts';
import type { OpenHost } from '../headless.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { viewFor } from '../kernel/view.ts';

/** Long enough to gather a burst of events, too short to be noticed. */
const GATHER_MS = 80;
/** How often what depends on the time alone is looked at again. */
const LOOK_AGAIN_MS = 30_000;

export interface AppHost {
  readonly state: HostState;
  call(name: string, input: unknown): Promise<Reply>;
  /** Calls back soon after the state changed, once for many changes, and now and then while the tunnel's time runs. */
  watch(changed: () => void): () => void;
}

/** The host as the tray needs it: state, calls with the rights of the owner, and a quiet stream of changes. */
export function createAppHost({ host }: OpenHost): AppHost {
  const owner = ownerCaller('desktop');
  return {
    get state() {
      return host.store.state;
    },
    call: (name, input) => host.call(owner, name, input, undefined),
    watch(changed) {
      let gathering: NodeJS.Timeout | null = null;
      const soon = () => {
        gathering ??= setTimeout(() => {
          gathering = null;
          changed();
        }, GATHER_MS);
      };
      const unsubscribe = host.store.subscribe(viewFor(owner), null, soon);
      const clock = setInterval(() => {
        const { tunnel } = host.store.state;
        if ('closesAt' in tunnel && tunnel.closesAt !== null) soon();
      }, LOOK_AGAIN_MS);
      return () => {
        unsubscribe();
        clearInterval(clock);
        if (gathering) clearTimeout(gathering);
      };
    },
  };
}
