/**
 * A headless host of its own process for the state-crash campaign. It tells what it found when it started, then makes
 * and lifts restrictions one after the other and names each one before and after, until it is killed.
 * `node state-crash-child HOME SEED`
 */
import { writeSync } from 'node:fs';
import type { CallResult } from '../../contract/client.ts';
import type { CommandName } from '../../contract/commands.ts';
import { DeviceId, TokenId } from '../../contract/ids.ts';
import type { Rule } from '../../contract/policy.ts';
import { createMessageClient } from '../../contract/message-client.ts';
import { openHost } from '../headless.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { realRandom } from './fake-ports.ts';
import { seeded } from './seeded.ts';
import type { Change, ChildLine, Restrictions } from './state-crash.ts';

const [, , root = '', seed = ''] = process.argv;
const { host } = await openHost({ root, kind: 'headless' });
const client = createMessageClient({
  send: (message) => connection.receive(structuredClone(message)),
  newCommandId: () => realRandom.id(),
});
const connection = host.connect(ownerCaller('cli'), (message) => client.receive(structuredClone(message)));
const dice = seeded(Number(seed));
const say = (line: ChildLine) => void writeSync(1, `${JSON.stringify(line)}\n`);

async function value<N extends CommandName>(asked: Promise<CallResult<N>>) {
  const result = await asked;
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

/** What holds somebody back on this host, each as one name. */
async function restrictions(): Promise<Restrictions> {
  const { rules } = await value(client.call('approvals.showPolicy', {}));
  const { devices } = await value(client.call('identity.listDevices', {}));
  const { tokens } = await value(client.call('gateway.listTokens', {}));
  return {
    mode: host.store.state.host.mode,
    rules: rules.map(({ id }) => id),
    admitted: devices.filter(({ state }) => state === 'active').map(({ id }) => id),
    tokens: tokens.filter(({ state }) => state === 'active').map(({ id }) => id),
  };
}

/** `act` sets or lifts a restriction; false when a lock-down forbids it. */
async function step(change: Change, act: () => Promise<CallResult<CommandName>>): Promise<boolean> {
  say({ at: 'try', change });
  const result = await act();
  if (!result.ok && result.error.code === 'locked_down') return false;
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  say({ at: 'done', change });
  return true;
}

const found = await restrictions();
say({ at: 'found', found, audit: host.store.state.audit });
const rules = found.rules.filter((id) => id.startsWith('crash.'));
const admitted = [...found.admitted];
const tokens = [...found.tokens];

const acts: (() => Promise<unknown>)[] = [
  async () => {
    const id = `crash.${seed}-${dice(1_000_000)}`;
    const rule: Rule = { id, effect: 'deny', when: { pathAny: [`**/${id}`] } };
    const set = await step({ kind: 'rule', id, to: 'set' }, () => client.call('approvals.addRule', { rule }));
    if (set) rules.push(id);
  },
  async () => {
    const [ruleId] = rules;
    if (ruleId === undefined || rules.length < 6) return;
    const change = { kind: 'rule', id: ruleId, to: 'lifted' } as const;
    if (await step(change, () => client.call('approvals.removeRule', { ruleId }))) rules.shift();
  },
  () => step({ kind: 'mode', id: 'locked-down', to: 'set' }, () => client.call('host.lockDown', {})),
  () => step({ kind: 'mode', id: 'locked-down', to: 'lifted' }, () => client.call('host.resume', {})),
  async () => {
    const [id] = admitted;
    if (id === undefined || dice(6) > 0) return;
    const deviceId = DeviceId.parse(id);
    const change = { kind: 'device', id, to: 'set' } as const;
    if (await step(change, () => client.call('identity.revokeDevice', { deviceId }))) admitted.shift();
  },
  async () => {
    const [id] = tokens;
    if (id === undefined || tokens.length < 4) return;
    const tokenId = TokenId.parse(id);
    const change = { kind: 'token', id, to: 'set' } as const;
    if (await step(change, () => client.call('gateway.revokeToken', { tokenId }))) tokens.shift();
  },
  async () => {
    const made = await client.call('gateway.createToken', { kind: 'mcp', name: `t-${dice(1_000_000)}` });
    if (made.ok) tokens.push(made.value.info.id);
  },
];
for (;;) await acts[dice(acts.length)]?.();
