import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import { ActionRunId } from '../../contract/ids.ts';
import type { Texts } from '../texts/t.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { HostConnection } from './connection.tsx';
import type { HostEntry } from './host-entry.ts';
import { openRunFeed } from './run-feed.ts';

type PredefinedReads = Pick<HostConnection, 'predefined' | 'logSource' | 'actionRun'>;

/** What screens read of commands and logs that the owner of a host has written down. */
export function createPredefinedReads(deps: {
  readonly entryOf: (hostId: string) => HostEntry | undefined;
  readonly schedule: Schedule;
  readonly texts: Texts;
}): PredefinedReads {
  const { entryOf, schedule, texts } = deps;
  const gone = { kind: 'failed', why: texts.common.gone } as const;

  function failed(outcome: Exclude<CallOutcome<never>, { kind: 'done' }>) {
    return { kind: 'failed', why: outcome.kind === 'refused' ? outcome.why : texts.common.noAnswer } as const;
  }

  return {
    async predefined(hostId) {
      const link = entryOf(hostId)?.link;
      if (!link) return gone;
      const [known, runs] = await Promise.all([
        link.call('tasks.actions', {}),
        link.call('tasks.actionRuns', {}),
      ]);
      if (known.kind !== 'done') return failed(known);
      if (runs.kind !== 'done') return failed(runs);
      return { kind: 'ready', ...known.value, runs: runs.value.runs };
    },
    async logSource(hostId, name, tail) {
      const link = entryOf(hostId)?.link;
      if (!link) return gone;
      const answer = await link.call('tasks.readLogSource', { name, tail });
      if (answer.kind !== 'done') return failed(answer);
      const { text, truncated } = answer.value;
      return { kind: 'ready', text, truncated };
    },
    actionRun(hostId, runId, changed) {
      const link = entryOf(hostId)?.link;
      const id = ActionRunId.safeParse(runId);
      if (link && id.success) {
        return openRunFeed(id.data, { link, schedule, unknown: texts.common.noAnswer, changed });
      }
      changed({ state: 'failed', why: texts.common.gone, run: null, text: '', incomplete: false });
      return { again: () => undefined, close: () => undefined };
    },
  };
}
