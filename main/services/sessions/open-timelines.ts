import { lstatSync } from 'node:fs';
import type { SessionId } from '../../../contract/ids.ts';
import type { TimelineEntry } from '../../../contract/sessions.ts';
import type { ByteStreams } from '../../kernel/byte-streams.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import {
  createLiveTimeline,
  type LiveTimeline,
  type NewTimelineEntry,
  type TimelineGate,
} from './live-timeline.ts';
import type { SetAside } from './set-aside.ts';
import {
  openTimelineWriter,
  recoverTimeline,
  type TimelineEnd,
  type TimelineWriter,
} from './timeline-file.ts';

export interface OpenTimelines {
  /** Opens a timeline for writing, behind what it holds. The epoch is another one when something had to be dropped. */
  open(id: SessionId, epoch: string): { readonly epoch: string };
  /** Puts a timeline right that nobody has open. */
  recover(id: SessionId, epoch: string): { readonly epoch: string };
  append(id: SessionId, entry: NewTimelineEntry, at?: number): void;
  flush(id: SessionId): void;
  close(id: SessionId): void;
  ids(): SessionId[];
}

export interface OpenTimelinesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly streams: Pick<ByteStreams, 'grown'>;
  readonly gate: TimelineGate;
  readonly fileOf: (id: SessionId) => string;
  readonly aside: SetAside;
  readonly newEpoch: () => string;
  readonly maxTimelineBytes?: number;
}

/**
 * The timelines that are written to now, each through one descriptor. One that cannot be opened or written to is logged:
 * a full disk must not end the work that it is about.
 */
export function createOpenTimelines(deps: OpenTimelinesDeps): OpenTimelines {
  const { clock, log, streams, gate, fileOf, aside, newEpoch, maxTimelineBytes } = deps;
  const open = new Map<SessionId, { live: LiveTimeline; writer: TimelineWriter }>();

  /** What is no plain file is moved away as a whole. */
  function endOf(id: SessionId): TimelineEnd {
    const file = fileOf(id);
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found && !found.isFile()) {
      aside.move(file, `${id}.jsonl`);
      return { lastSeq: -1, bytes: 0, dropped: 1 };
    }
    return recoverTimeline(file, () => aside.place(`${id}.tail`));
  }

  function recover(id: SessionId, epoch: string): { end: TimelineEnd; epoch: string } {
    const end = endOf(id);
    if (end.dropped > 0)
      log.warn({ sessionId: id, bytes: end.dropped }, 'the end of a timeline was damaged and is set aside');
    return { end, epoch: end.dropped > 0 || epoch === '' ? newEpoch() : epoch };
  }

  function careful<T>(id: SessionId, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      log.error({ sessionId: id, error: String(error) }, 'a timeline could not be written');
      return otherwise;
    }
  }

  return {
    open(id, known) {
      const opened = careful(id, null, () => {
        const { end, epoch } = recover(id, known);
        return { end, epoch, writer: openTimelineWriter(fileOf(id)) };
      });
      if (opened === null) return { epoch: known };
      const { end, epoch, writer } = opened;
      const write = (entry: TimelineEntry) =>
        careful(id, 0, () => {
          const bytes = writer.append(entry);
          streams.grown(fileOf(id));
          return bytes;
        });
      const limit = maxTimelineBytes === undefined ? {} : { maxBytes: maxTimelineBytes };
      open.set(id, { writer, live: createLiveTimeline({ clock, gate, write, from: end, ...limit }) });
      return { epoch };
    },
    recover: (id, known) => ({ epoch: careful(id, known, () => recover(id, known).epoch) }),
    append: (id, entry, at) => open.get(id)?.live.append(entry, at),
    flush(id) {
      const timeline = open.get(id);
      timeline?.live.flush();
      careful(id, undefined, () => timeline?.writer.sync());
    },
    close(id) {
      const timeline = open.get(id);
      if (!timeline) return;
      timeline.live.flush();
      careful(id, undefined, () => timeline.writer.sync());
      timeline.writer.close();
      open.delete(id);
    },
    ids: () => [...open.keys()],
  };
}
