import { ApprovalId } from '../../contract/ids.ts';
import type { Texts } from '../texts/t.ts';
import { readContent } from './approval-content.ts';
import { toBase64url } from './base64url.ts';
import { hashOf } from './approval-view.ts';
import type { HostConnection } from './connection.tsx';
import type { DeviceStorage } from './device-storage.ts';
import type { DialDeps } from './dial.ts';
import { createFarewells } from './farewells.ts';
import { act } from './host-actions.ts';
import type { HostBook } from './host-book.ts';
import { openHostEntry } from './host-entry.ts';
import type { HostEntry } from './host-entry.ts';
import type { PairedHost } from './host-record.ts';
import { createPredefinedReads } from './predefined-reads.ts';
import { createProcessReads } from './process-reads.ts';
import { createTaskReads } from './task-reads.ts';
import type { ContentAnswer, HostView, ProposalsAnswer } from './views.ts';

export interface LinkStoreDeps extends DialDeps {
  readonly book: HostBook;
  readonly storage: DeviceStorage;
  readonly texts: Texts;
  /** Whether the app is what the person looks at. */
  inFront(): boolean;
  now(): number;
}

export interface LinkStore extends HostConnection {
  /** Reads the paired hosts and connects to each. */
  start(): Promise<void>;
  stop(): void;
  /** A host that was just paired: kept, then connected. An older pairing with it ends. */
  add(record: PairedHost): Promise<void>;
}

/** All paired hosts of this device as one `HostConnection`. */
export function createLinkStore(deps: LinkStoreDeps): LinkStore {
  const { book, now, schedule, storage, texts } = deps;
  const entries = new Map<string, HostEntry>();
  const watchers = new Set<() => void>();
  const farewells = createFarewells(storage.notes, tell);
  const entryOf = (hostId: string): HostEntry | undefined => entries.get(hostId);
  let views: readonly HostView[] | undefined;
  let run = 0;

  function tell(): void {
    for (const changed of watchers) changed();
  }

  function refresh(): void {
    views = [...entries.values()].map((entry) => entry.view());
    tell();
  }

  async function open(record: PairedHost, mine: number): Promise<void> {
    const entry = await openHostEntry(record, {
      ...deps,
      changed() {
        if (entries.get(record.hostId) === entry && views) refresh();
      },
      revoked: () => void castOut(record.hostId),
    });
    if (mine !== run) return;
    entries.set(record.hostId, entry);
    entry.link.start();
  }

  /** Keys and data first; what is said about it comes after they are gone. */
  async function remove(hostId: string): Promise<void> {
    const entry = entries.get(hostId);
    entries.delete(hostId);
    await entry?.wipe();
    await book.remove(hostId);
    refresh();
  }

  async function castOut(hostId: string): Promise<void> {
    const name = entries.get(hostId)?.view().name ?? '';
    await remove(hostId);
    await farewells.add({ hostId, name, at: now() });
  }

  /** What is older than a cache may be is wiped also while the app is open. */
  async function reopen({ record }: HostEntry): Promise<void> {
    entries.get(record.hostId)?.stop();
    entries.delete(record.hostId);
    await open(record, run);
    refresh();
  }

  async function content(hostId: string, approvalId: string): Promise<ContentAnswer> {
    const entry = entries.get(hostId);
    const id = ApprovalId.safeParse(approvalId);
    if (!entry || !id.success) return { kind: 'failed', why: texts.common.gone };
    const answer = await entry.link.call('approvals.detail', { approvalId: id.data });
    if (answer.kind === 'refused') return { kind: 'failed', why: answer.why };
    const action = entry.state().approvals[approvalId]?.action;
    if (answer.kind === 'unknown' || !action) return { kind: 'failed', why: texts.delivery.unknown };
    const { approval, detail } = answer.value;
    const same = hashOf(approval.action) === hashOf(action) && detail.approvalId === approvalId;
    if (!same) return { kind: 'failed', why: texts.approval.forged };
    return { kind: 'ready', content: readContent(action, detail) };
  }

  async function proposals(
    hostId: string,
    approvalId: string,
    effect: 'allow' | 'deny',
  ): Promise<ProposalsAnswer> {
    const entry = entries.get(hostId);
    const id = ApprovalId.safeParse(approvalId);
    if (!entry || !id.success) return { kind: 'failed', why: texts.common.gone };
    const answer = await entry.link.call('approvals.proposeRules', { approvalId: id.data, effect });
    if (answer.kind === 'done') return { kind: 'ready', proposals: answer.value.proposals };
    return { kind: 'failed', why: answer.kind === 'refused' ? answer.why : texts.delivery.unknown };
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
      const approvalKey = () => storage.keys.approvalKey(entry.record.keyId);
      await act({ ...deps, link: entry.link, hostId, approvalKey }, action, report);
    },
    newKey: () => toBase64url(deps.random(16)),
    content,
    proposals,
    ...createTaskReads({ entryOf, texts }),
    ...createProcessReads({ entryOf, schedule, texts }),
    ...createPredefinedReads({ entryOf, schedule, texts }),
    forget: remove,
    acceptRollback: async (hostId) => entries.get(hostId)?.link.acceptRollback(),
    acknowledgeAltered: async (hostId) => entries.get(hostId)?.witness.acknowledge(),
    farewells: farewells.list,
    dismissFarewell: farewells.dismiss,
    wake() {
      for (const entry of [...entries.values()]) {
        if (entry.isStale()) void reopen(entry);
        else entry.link.wake();
      }
    },
    async start() {
      run += 1;
      const mine = run;
      // A storage that cannot be read holds no host that could be used.
      const records = await book.list().catch(() => []);
      await farewells.read();
      await Promise.all(
        records.map((record) => (entries.has(record.hostId) ? undefined : open(record, mine))),
      );
      if (mine === run) refresh();
    },
    stop() {
      run += 1;
      views = undefined;
      for (const entry of entries.values()) entry.stop();
      entries.clear();
    },
    async add(record) {
      const before = entries.get(record.hostId);
      entries.delete(record.hostId);
      await before?.wipe();
      await book.put(record);
      await farewells.dismiss(record.hostId);
      await open(record, run);
      refresh();
    },
  };
}
