import type { Command } from 'commander';
import { resolve } from 'node:path';
import { workspaceRef, type Verbs } from '../cli.ts';
import { table } from '../plain-text.ts';

/** The folders that agents and clients may work in. */
export function addWorkspaceVerbs(program: Command, { verb, group }: Verbs): void {
  const workspace = group(program, 'workspace', 'the folders that agents and clients may work in');
  verb<{ name?: string }>(
    workspace,
    'add <path>',
    'let agents and clients work in a folder',
    async (cli, [path = ''], { name }) => {
      const added = await cli.call('workspaces.add', {
        path: resolve(path),
        ...(name !== undefined && { name }),
      });
      cli.answer(added, `${added.name}: ${added.path}`);
    },
    (command) => command.option('--name <name>', 'how it is called; the name of the folder, if not given'),
  );
  verb(workspace, 'list', 'the folders on the list', async (cli) => {
    const answer = await cli.call('workspaces.list', {});
    const rows = answer.workspaces.map((one) => [one.name, one.path, one.trusted ? 'trusted' : '', one.id]);
    cli.answer(
      answer,
      rows.length === 0
        ? 'no workspace: signalbox workspace add PATH'
        : table(['NAME', 'PATH', 'TRUST', 'ID'], rows),
    );
  });
  verb(
    workspace,
    'remove <workspace>',
    'take a folder off the list; nothing in it is touched',
    async (cli, [ref = '']) => {
      await cli.call('workspaces.remove', { workspace: workspaceRef(ref) });
      cli.answer({ removed: ref }, `${ref} is off the list`);
    },
  );
  verb<{ revoke?: boolean }>(
    workspace,
    'trust <workspace>',
    'let .signalbox/policy.yaml in a folder allow things without asking',
    async (cli, [ref = ''], { revoke }) => {
      const one = await cli.call('workspaces.trust', {
        workspace: workspaceRef(ref),
        trusted: revoke !== true,
      });
      cli.answer(one, `${one.name} is ${one.trusted ? '' : 'not '}trusted`);
    },
    (command) => command.option('--revoke', 'trust it no longer'),
  );
}
