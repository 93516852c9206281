import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import type { OutputOf } from '../../contract/commands.ts';
import type { LogLine } from '../../contract/process-logs.ts';
import type { Texts } from '../texts/t.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { HostConnection } from './connection.tsx';
import type { HostEntry } from './host-entry.ts';
import { openLogFeed } from './log-feed.ts';
import type { EndedPartView, LogSearchAnswer, PartView } from './process-views.ts';

/** Lines that a search gives at once. */
const FOUND_AT_ONCE = 100;

type ProcessReads = Pick<HostConnection, 'figures' | 'partOutput' | 'log' | 'searchLogs'>;
type Figures = OutputOf<'supervisor.figures'>;
type Found = OutputOf<'supervisor.searchLogs'>['found'];

/** The lines that fit, of all processes in the order in which they were written, newest first. */
function hitsOf(found: Found): LogLine[] {
  const lines = found.flatMap(({ hits, lines: all }) => {
    const fits = new Set(hits);
    return all.filter(({ number }) => fits.has(number));
  });
  return lines.sort((a, b) => b.at.localeCompare(a.at) || b.number - a.number);
}

function nextOf(found: Found): Extract<LogSearchAnswer, { kind: 'ready' }>['next'] {
  const [only, another] = found;
  if (!only || another || only.next === null) return null;
  return { epoch: only.extent.epoch, number: only.next };
}

function partView({ id, kind, name, samples, startedAt }: Figures['parts'][number]): PartView {
  const last = samples[samples.length - 1];
  return {
    ...{ id, kind, name, memory: last?.memory ?? null },
    startedAt: startedAt === null ? null : Date.parse(startedAt),
  };
}

function endedView(part: Figures['ended'][number]): EndedPartView {
  const { endedAt, exitCode, id, kind, name, signal } = part;
  return { id, kind, name, endedAt: Date.parse(endedAt), exitCode, signal };
}

/** What screens read of processes beyond the state of a host. */
export function createProcessReads(deps: {
  readonly entryOf: (hostId: string) => HostEntry | undefined;
  readonly schedule: Schedule;
  readonly texts: Texts;
}): ProcessReads {
  const { entryOf, schedule, texts } = deps;
  const gone = { kind: 'failed', why: texts.common.gone } as const;

  function failed(outcome: Exclude<CallOutcome<never>, { kind: 'done' }>) {
    return { kind: 'failed', why: outcome.kind === 'refused' ? outcome.why : texts.common.noAnswer } as const;
  }

  return {
    async figures(hostId) {
      const entry = entryOf(hostId);
      if (!entry) return gone;
      const answer = await entry.link.call('supervisor.figures', {});
      if (answer.kind !== 'done') return failed(answer);
      const { ended, parts, processes, supported } = answer.value;
      const of = processes.map(({ name, ports, processes: count, samples }) => {
        const last = samples[samples.length - 1];
        return [name, { cpu: last?.cpu ?? null, memory: last?.memory ?? 0, count, ports }] as const;
      });
      return {
        ...{ kind: 'ready', supported, of: new Map(of) },
        ...{ parts: parts.map(partView), ended: ended.map(endedView) },
      };
    },
    async partOutput(hostId, id) {
      const entry = entryOf(hostId);
      if (!entry) return gone;
      const answer = await entry.link.call('supervisor.readPartOutput', { id });
      if (answer.kind === 'done') return { kind: 'ready', ...answer.value };
      return answer.kind === 'refused' && answer.code === 'not_found' ? { kind: 'gone' } : failed(answer);
    },
    log(hostId, wanted, changed) {
      const link = entryOf(hostId)?.link;
      if (link) return openLogFeed(wanted, { link, schedule, unknown: texts.common.noAnswer, changed });
      changed({
        ...{ state: 'failed', why: texts.common.gone, lines: [] },
        ...{ following: false, hasEarlier: false, newer: 0 },
      });
      const nothing = (): void => undefined;
      return {
        ...{ earlier: nothing, later: nothing, pause: nothing },
        ...{ follow: nothing, again: nothing, close: nothing },
      };
    },
    async searchLogs(hostId, { after, name, text }) {
      const entry = entryOf(hostId);
      if (!entry) return gone;
      const answer = await entry.link.call('supervisor.searchLogs', {
        ...(name !== null && { names: [name] }),
        ...(after && { after }),
        what: { kind: 'text', text },
        caseSensitive: false,
        limit: FOUND_AT_ONCE,
      });
      if (answer.kind !== 'done') return failed(answer);
      const { found } = answer.value;
      return {
        kind: 'ready',
        lines: hitsOf(found),
        next: nextOf(found),
        more: found.some(({ next }) => next !== null),
      };
    },
  };
}
