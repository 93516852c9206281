import { expect, test } from 'vitest';
import { commands, type CommandName } from '../contract/commands.ts';
import { admit } from './admission.ts';
import { mcpCaller, ownerCaller } from './kernel/caller.ts';

const owner = ownerCaller('desktop');
const client = mcpCaller('t', 'exec', null);
const names = Object.keys(commands) as CommandName[];
const isAdmitted = (mode: 'running' | 'paused' | 'locked-down', caller: typeof owner, name: CommandName) => {
  try {
    admit(mode, caller, name, commands[name]);
    return true;
  } catch {
    return false;
  }
};

test('a running host holds nothing back', () => {
  expect(
    names.every((name) => isAdmitted('running', owner, name) && isAdmitted('running', client, name)),
  ).toBe(true);
});

test('a locked-down host lets through only what reads, tightens or opens it again', () => {
  const through = names.filter(
    (name) => commands[name].risk !== 'none' && isAdmitted('locked-down', owner, name),
  );
  expect(through.sort()).toEqual([
    'approvals.revokeGrant',
    'audit.export',
    'gateway.revokeToken',
    'handoff.stop',
    'host.dismissAlert',
    'host.lockDown',
    'host.pause',
    'host.resume',
    'identity.cancelInvitation',
    'identity.refuseDevice',
    'identity.revokeDevice',
    'remote.stop',
    'supervisor.stop',
    'supervisor.stopAll',
    'tasks.cancel',
    'tunnels.close',
  ]);
  expect(names.filter((name) => isAdmitted('locked-down', client, name))).toEqual([]);
});

test('a paused host lets clients read and do nothing else', () => {
  const through = names.filter((name) => isAdmitted('paused', client, name));
  expect(through.every((name) => commands[name].risk === 'none')).toBe(true);
  expect(isAdmitted('paused', client, 'bridge.read')).toBe(true);
});
