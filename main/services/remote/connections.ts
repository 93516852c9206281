import type { RemoteConnection } from '../../../contract/remote.ts';
import { HostError } from '../../../contract/errors.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import type { Ending } from './ending.ts';
import { createLink, type Carrier, type Link, type LinkDeps } from './link.ts';
import type { RemoteLimits } from './ports.ts';

export interface Target {
  readonly agent: string;
  readonly principal: string;
  readonly transport: RemoteConnection['transport'];
}

export interface ConnectionsDeps {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly audit: Auditor;
  readonly log: Log;
  readonly limits: () => RemoteLimits;
  /** @throws HostError when the agent is not served or cannot be started */
  readonly launch: (agent: string, label: string) => Promise<AgentProcess>;
  readonly questions: (
    id: string,
    target: Target,
    wiring: Parameters<LinkDeps['questions']>[0],
  ) => ReturnType<LinkDeps['questions']>;
  /** Somebody came, went, or has said more. */
  readonly changed: () => void;
}

export interface Entry {
  readonly id: string;
  readonly target: Target;
  /** Starts the agent; its client's first message is to be handed to the link. */
  start(carrier: Carrier, drained: () => void): Promise<Link>;
  /** Says how this connection is closed from here; until then it just ends. */
  closeBy(close: (ending: Ending) => void): void;
  close(ending: Ending): void;
  /** The connection is over: the agent is ended, and what there was is put on record. */
  over(ending: Ending): void;
  /** Settles when it is over and no process of its agent is left. */
  readonly gone: Promise<void>;
}

export interface Connections {
  /** Null when there are too many, of all or of this principal. */
  admit(target: Target): Entry | null;
  list(): RemoteConnection[];
  byId(id: string): Entry | null;
  closeWhere(goes: (entry: Entry) => boolean, ending: Ending): Promise<void>;
  /** Closes those on which nothing was said for too long. */
  closeIdle(ending: Ending): void;
}

const LOOK_MS = 5000;

/** All connections there are, whatever carries them: how many, who, since when, and what of each goes on record. */
export function createConnections(deps: ConnectionsDeps): Connections {
  const { clock, random, audit, log } = deps;
  const open = new Map<string, { entry: Entry; describe: () => RemoteConnection; link: () => Link | null }>();
  let watching = false;
  let said = '';

  /** Figures move all the time; they are told every few seconds, if they have moved. */
  function watch(): void {
    if (watching) return;
    watching = true;
    clock.after(LOOK_MS, () => {
      watching = false;
      if (open.size === 0) return;
      const now = JSON.stringify(list());
      if (now !== said) deps.changed();
      said = now;
      watch();
    });
  }

  function list(): RemoteConnection[] {
    return [...open.values()].map(({ describe }) => describe());
  }

  function record(type: string, entry: Entry, facts: Record<string, string | number>): Promise<void> {
    const { agent, principal, transport } = entry.target;
    return audit.append({ actor: principal, type, object: entry.id, facts: { agent, transport, ...facts } });
  }

  function admit(target: Target): Entry | null {
    const limits = deps.limits();
    const own = [...open.values()].filter(({ entry }) => entry.target.principal === target.principal);
    if (open.size >= limits.connections || own.length >= limits.connectionsEach) return null;
    const entry = createEntry(target);
    watch();
    deps.changed();
    return entry;
  }

  function createEntry(target: Target): Entry {
    const id = random.id();
    const openedAt = clock.monotonic();
    const connectedAt = instant(clock.now());
    let link: Link | null = null;
    let starting: Promise<unknown> = Promise.resolve();
    let ended: Ending | null = null;
    let close = (ending: Ending) => entry.over(ending);
    let gone = () => {};
    const isOver = () => ended !== null;

    async function start(carrier: Carrier, drained: () => void): Promise<Link> {
      // Clients speak as soon as the connection stands: what they say waits until it is on record.
      await record('acp.opened', entry, {});
      const agent = await deps.launch(target.agent, `remote ${id}`);
      if (isOver()) {
        await agent.stop();
        throw new HostError('unavailable', 'the connection is over');
      }
      link = createLink({
        ...{ agent, carrier, clock, drained },
        questions: (wiring) => deps.questions(id, target, wiring),
        ended: (ending) => close(ending),
      });
      return link;
    }

    async function finish(ending: Ending): Promise<void> {
      await starting;
      const traffic = link?.traffic() ?? NOTHING;
      await link?.end();
      const seconds = Math.round((clock.monotonic() - openedAt) / 1000);
      await record('acp.closed', entry, { why: ending.why, seconds, ...traffic }).catch((error: unknown) =>
        log.error({ connection: id, error: String(error) }, 'not on record'),
      );
    }

    const entry: Entry = {
      ...{ id, target },
      start(carrier, drained) {
        const started = start(carrier, drained);
        starting = started.catch((error: unknown) => {
          log.warn(
            { connection: id, agent: target.agent, error: String(error) },
            'an ACP connection has no agent',
          );
        });
        return started;
      },
      closeBy: (by) => void (close = by),
      close: (ending) => close(ending),
      over(ending) {
        if (ended !== null) return;
        ended = ending;
        finish(ending)
          .catch((error: unknown) =>
            log.error({ connection: id, error: String(error) }, 'an ACP connection failed'),
          )
          .finally(() => {
            open.delete(id);
            deps.changed();
            gone();
          });
      },
      gone: new Promise<void>((resolve) => (gone = resolve)),
    };
    const describe = (): RemoteConnection => ({
      ...{ id, connectedAt },
      agent: target.agent,
      client: target.principal,
      transport: target.transport,
      ...(link?.traffic() ?? NOTHING),
      latencyMs: roundedMs(link?.exchange.latencyMs() ?? null),
    });
    open.set(id, { entry, describe, link: () => link });
    return entry;
  }

  return {
    admit,
    list,
    byId: (id) => open.get(id)?.entry ?? null,
    async closeWhere(goes, ending) {
      const going = [...open.values()].map(({ entry }) => entry).filter(goes);
      for (const entry of going) entry.close(ending);
      await Promise.all(going.map(({ gone }) => gone));
    },
    closeIdle(ending) {
      const limit = deps.limits().idleMinutes * 60_000;
      for (const { entry, link } of open.values()) if ((link()?.quietMs() ?? 0) >= limit) entry.close(ending);
    },
  };
}

const NOTHING = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };

function roundedMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
