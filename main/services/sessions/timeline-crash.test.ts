import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TaskId } from '../../../contract/ids.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { sessionsBench as bench } from '../../testing/sessions-bench.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { anyPage, cutEverywhere, damagedEnds } from '../../testing/timeline-campaign.ts';

const owner = ownerCaller('cli');

test('a timeline that is cut at any byte keeps every whole entry before the cut, and the rest is kept aside', () => {
  const cuts = cutEverywhere(temporaryFolder());
  process.stdout.write(`timeline cut: ${cuts} cuts, 0 whole entries lost\n`);
});

test('whatever a crash leaves at the end, entries before it stay and what is written next can be read', () => {
  damagedEnds(temporaryFolder(), 100);
  process.stdout.write('timeline end: 100 damaged ends, 0 entries lost\n');
});

test('any page of any timeline is a part of the whole, in both directions, damaged lines or not', () => {
  anyPage(temporaryFolder(), 30);
  process.stdout.write('timeline pages: 30 timelines, 0 wrong pages\n');
});

test('after a crash no reader can mix what it read with what is there now', async () => {
  const before = bench();
  const { id, epoch } = await before.open();
  for (const text of ['one', 'two', 'three']) before.sessions.append(id, { kind: 'user', text });
  const content = readFileSync(before.fileOf(id));
  for (let cut = 0; cut < content.length; cut += 7) {
    writeFileSync(before.fileOf(id), content.subarray(0, cut));
    const after = bench({ db: before.db, folder: before.folder });
    after.sessions.start();
    await after.sessions.reopen(id, { taskId: TaskId.parse('t2') });
    after.sessions.append(id, { kind: 'user', text: 'another' });
    const page = await after.call['sessions.timeline'](
      { sessionId: id, epoch, afterSeq: 2, limit: 10 },
      owner,
    );
    expect(page.reset).toBe(true);
    expect(page.entries.map(({ seq }) => seq)).toEqual(page.entries.map((_, seq) => seq));
  }
  expect(readdirSync(join(before.timelines, 'corrupt')).length).toBeGreaterThan(0);
});
