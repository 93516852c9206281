import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestHost } from './testing/test-host.ts';

const RULES = `policy:
  rules:
    - { id: own.no-net, effect: deny, when: { kind: [net] } }
`;

test('a config.yaml that was emptied behind the host is on record and before the eyes of the owner', async () => {
  const host = await startTestHost({ config: RULES });
  expect(host.host.store.state.alerts).toEqual([]);
  await host.host.stop();
  writeFileSync(join(host.root, 'config.yaml'), '');
  const next = await startTestHost({ root: host.root });
  const alert = next.host.store.state.alerts.find(({ kind }) => kind === 'policy-changed');
  expect(alert).toMatchObject({ severity: 'alarm' });
  expect(alert?.message).toContain('own.no-net');
  const found = await next.owner.call('audit.tail', { filter: { types: ['policy.changed-outside'] } });
  expect(found).toMatchObject({ ok: true, value: { records: [{ object: 'config.yaml' }] } });
  await next.host.stop();
  const again = await startTestHost({ root: host.root });
  expect(again.host.store.state.alerts).toEqual([]);
});

test('rules that were changed through the host are no alarm at its next start', async () => {
  const host = await startTestHost({ config: RULES });
  const removed = await host.owner.call('approvals.removeRule', { ruleId: 'own.no-net' });
  expect(removed.ok).toBe(true);
  await host.host.stop();
  const next = await startTestHost({ root: host.root });
  expect(next.host.store.state.alerts).toEqual([]);
});
