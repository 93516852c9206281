import { ApprovalId, SessionId } from '../../contract/ids.ts';
import type { Texts } from '../texts/t.ts';
import { hostOf } from './address.ts';
import { readContent } from './approval-content.ts';
import { hashOf } from './approval-view.ts';
import type { HostConnection } from './connection.tsx';
import type { DialDeps } from './dial.ts';
import { act } from './host-actions.ts';
import type { HostBook } from './host-book.ts';
import { createHostLink } from './host-link.ts';
import type { HostLink } from './host-link.ts';
import type { PairedHost } from './host-record.ts';
import { hostView } from './host-view.ts';
import type { KeyStore } from './key-types.ts';
import { createTimelineReader } from './timeline.ts';
import type { ContentAnswer, HostView, TimelineEntry } from './views.ts';

export interface LinkStoreDeps extends DialDeps {
  readonly book: HostBook;
  readonly keys: KeyStore;
  readonly texts: Texts;
  now(): number;
}

export interface LinkStore extends HostConnection {
  /** Reads the paired hosts and connects to each. */
  start(): Promise<void>;
  stop(): void;
  /** A host that was just paired: kept, then connected. An older pairing with it ends. */
  add(record: PairedHost): Promise<void>;
}

interface Entry {
  record: PairedHost;
  readonly link: HostLink;
  view: HostView | undefined;
}

/** All paired hosts of this device as one `HostConnection`. */
export function createLinkStore(deps: LinkStoreDeps): LinkStore {
  const { book, keys, texts } = deps;
  const entries = new Map<string, Entry>();
  const watchers = new Set<() => void>();
  let views: readonly HostView[] | undefined;
  let read = false;

  function refresh(): void {
    if (!read) return;
    views = [...entries.values()].map((entry) => (entry.view ??= viewOf(entry)));
    for (const changed of watchers) changed();
  }

  const viewOf = ({ record, link }: Entry): HostView => hostView(record, link.state(), link.link());

  /** The address of the tunnel is remembered: it is where the host will be found from elsewhere. */
  function rememberTunnel(entry: Entry): void {
    const { tunnel } = entry.link.state();
    const address = 'url' in tunnel ? hostOf(tunnel.url) : undefined;
    if (address === undefined || address === entry.record.tunnelAddress) return;
    entry.record = { ...entry.record, tunnelAddress: address };
    void book.update(entry.record.hostId, () => ({ tunnelAddress: address })).catch(() => undefined);
  }

  function open(record: PairedHost): void {
    const link = createHostLink(() => entry.record, {
      ...deps,
      deviceKey: () => keys.dhKey(entry.record.keyId),
      changed() {
        if (entries.get(record.hostId) !== entry) return;
        entry.view = undefined;
        rememberTunnel(entry);
        refresh();
      },
    });
    const entry: Entry = { record, link, view: undefined };
    entries.set(record.hostId, entry);
    link.start();
  }

  async function close(hostId: string): Promise<void> {
    const entry = entries.get(hostId);
    entries.delete(hostId);
    entry?.link.stop();
    if (entry) await keys.forget(entry.record.keyId);
  }

  async function content(hostId: string, approvalId: string): Promise<ContentAnswer> {
    const entry = entries.get(hostId);
    const id = ApprovalId.safeParse(approvalId);
    if (!entry || !id.success) return { kind: 'failed', why: texts.common.gone };
    const answer = await entry.link.call('approvals.detail', { approvalId: id.data });
    if (answer.kind === 'refused') return { kind: 'failed', why: answer.why };
    const action = entry.link.state().approvals[approvalId]?.action;
    if (answer.kind === 'unknown' || !action) return { kind: 'failed', why: texts.delivery.unknown };
    const { approval, detail } = answer.value;
    const same = hashOf(approval.action) === hashOf(action) && detail.approvalId === approvalId;
    if (!same) return { kind: 'failed', why: texts.approval.forged };
    return { kind: 'ready', content: readContent(action, detail) };
  }

  function follow(
    hostId: string,
    sessionId: string,
    changed: (entries: readonly TimelineEntry[]) => void,
  ): () => void {
    const id = SessionId.safeParse(sessionId);
    const link = entries.get(hostId)?.link;
    if (!link || !id.success) return () => undefined;
    return link.eachSession((session) => {
      const reader = createTimelineReader(texts);
      const source = { kind: 'timeline', sessionId: id.data } as const;
      const stop = session.client.follow(
        source,
        0,
        (chunk) => {
          changed(reader.add(chunk.text));
        },
        () => undefined,
      );
      return () => {
        if (session.isOpen()) stop();
      };
    });
  }

  return {
    hosts: () => views,
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    async act(action, report) {
      const hostId = action.kind === 'submit' ? action.task.hostId : action.hostId;
      const entry = entries.get(hostId);
      if (!entry) {
        report({ kind: 'refused', why: texts.common.gone });
        return;
      }
      const approvalKey = () => keys.approvalKey(entry.record.keyId);
      await act({ ...deps, link: entry.link, hostId, approvalKey }, action, report);
    },
    content,
    follow,
    async forget(hostId) {
      await book.remove(hostId);
      await close(hostId);
      refresh();
    },
    wake() {
      for (const { link } of entries.values()) link.wake();
    },
    async start() {
      if (read) {
        for (const { link } of entries.values()) link.start();
        return;
      }
      // A storage that cannot be read holds no host that could be used.
      const records = await book.list().catch(() => []);
      read = true;
      for (const record of records) if (!entries.has(record.hostId)) open(record);
      refresh();
    },
    stop() {
      for (const { link } of entries.values()) link.stop();
    },
    async add(record) {
      await book.put(record);
      await close(record.hostId);
      open(record);
      refresh();
    },
  };
}
