import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CommandName, InputOf, OutputOf } from '../../contract/commands.ts';
import type { Approval } from '../../contract/approvals.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { connectClient, startTestHost, temporaryRepository, type TestHost } from './test-host.ts';

/** Calls as the owner at the desktop. */
export async function call<N extends CommandName>(
  host: TestHost,
  name: N,
  input: InputOf<N>,
): Promise<OutputOf<N>> {
  const result = await host.owner.call(name, input);
  if (!result.ok) throw new Error(`${name}: ${result.error.message}`);
  return result.value;
}

/** A whole host with a repository in which a plan waits. */
export async function hostWithPlan(plan: string) {
  const host = await startTestHost();
  const folder = temporaryRepository({ 'README.md': 'words\n' });
  mkdirSync(join(folder, '.handoff'));
  writeFileSync(join(folder, '.handoff/current-plan.md'), plan);
  const workspace = await call(host, 'workspaces.add', { path: folder });
  const read = (name: string) => readFileSync(join(folder, '.handoff', name), 'utf8');
  const runState = () => JSON.parse(read('handoff-run-state.json')) as Record<string, unknown>;
  return { host, folder, workspace, read, runState };
}

/**
 * Says yes to everything that waits for a person, and keeps what it was. The commands of a loop are not asked for: their
 * question is taken back as soon as it is made.
 */
export function sayYes(host: TestHost, wanted: (title: string) => boolean = () => true): string[] {
  const asked: string[] = [];
  const answered = new Set<string>();
  const allow = async ({ id: approvalId, actionHash }: Approval) => {
    await call(host, 'approvals.detail', { approvalId });
    await call(host, 'approvals.decide', { approvalId, actionHash, decision: 'allow' });
  };
  // A client has one state stream, and `until` takes that of the owner.
  const stop = connectClient(host.host, ownerCaller('desktop')).subscribe(null, () => {
    for (const approval of Object.values(host.host.store.state.approvals)) {
      const isTaken = approval.state !== 'pending' || answered.has(approval.id);
      if (isTaken || approval.title.endsWith('of a handoff loop') || !wanted(approval.title)) continue;
      answered.add(approval.id);
      asked.push(approval.title);
      void allow(approval);
    }
  });
  onTestFinished(() => stop());
  return asked;
}
