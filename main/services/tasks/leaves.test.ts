import { expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { createLeaves } from './leaves.ts';
import { plannedWrite, type PlannedWrite } from '../../acp/planned-writes.ts';

function bench(disk: Record<string, string>) {
  const found: string[] = [];
  const leaves = createLeaves({
    onDisk: async (path) => (disk[path] === undefined ? null : sha256Hex(disk[path])),
    onFound: (write) => void found.push(write.path),
  });
  return { leaves, found };
}

const write = (path: string, text: string): PlannedWrite => plannedWrite(path, null, text);

test('leave to write is good for exactly that path and content, and once', async () => {
  const { leaves } = bench({});
  const over = leaves.open('c1', [write('a.txt', 'new')]);
  expect(leaves.take('b.txt', sha256Hex('new'))).toBeNull();
  expect(leaves.take('a.txt', sha256Hex('other'))).toBeNull();
  const taken = leaves.take('a.txt', sha256Hex('new'));
  expect(leaves.take('a.txt', sha256Hex('new'))).toBeNull();
  taken?.done();
  await expect(over).resolves.toBeUndefined();
});

test('a write that fails ends the leave with its error', async () => {
  const { leaves } = bench({});
  const over = leaves.open('c1', [write('a.txt', 'new')]);
  leaves.take('a.txt', sha256Hex('new'))?.failed(new Error('disk full'));
  await expect(over).rejects.toThrow('disk full');
});

test('an agent that wrote by itself is held to what was shown', async () => {
  const honest = bench({ 'a.txt': 'new' });
  const kept = honest.leaves.open('c1', [write('a.txt', 'new')]);
  await honest.leaves.report('c1', true);
  await expect(kept).resolves.toBeUndefined();
  expect(honest.found).toEqual(['a.txt']);

  const liar = bench({ 'a.txt': 'something else' });
  const broken = liar.leaves.open('c1', [write('a.txt', 'new')]);
  const seen = expect(broken).rejects.toMatchObject({ code: 'stale' });
  await liar.leaves.report('c1', true);
  await seen;
});

test('a report ends only its own leave; the end of the turn ends the rest', async () => {
  const { leaves } = bench({});
  const first = leaves.open('c1', []);
  const second = leaves.open('c2', []);
  const third = leaves.open('c3', []);
  const refused = expect(first).rejects.toMatchObject({ code: 'unavailable' });
  await leaves.report('c1', false);
  await refused;
  await leaves.report('c2', true);
  await expect(second).resolves.toBeUndefined();
  const died = expect(third).rejects.toThrow('the agent died');
  await leaves.closeAll('the agent died');
  await died;
  await leaves.closeAll(null);
});
