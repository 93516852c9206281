import type { Command } from 'commander';
import type { TokenKind, TokenScope } from '../../../contract/gateway.ts';
import { workspaceRef, type Verbs } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { table } from '../plain-text.ts';

interface TokenOptions {
  workspace?: string;
  scope?: TokenScope;
  expires?: string;
  name?: string;
}

/** `token create`, `list` and `revoke`, the same for MCP and ACP clients. */
export function addTokenVerbs(parent: Command, { verb, group }: Verbs, kind: TokenKind): void {
  const token = group(parent, 'token', `bearer tokens of ${kind.toUpperCase()} clients`);
  verb<TokenOptions>(
    token,
    'create',
    'make a token; it is shown once',
    async (cli, _args, { workspace, scope, expires, name }) => {
      const made = await cli.call('gateway.createToken', {
        kind,
        ...(name !== undefined && { name }),
        ...(scope && { scope }),
        ...(workspace !== undefined && { workspace: workspaceRef(workspace) }),
        ...(expires !== undefined && {
          expiresAt: new Date(Date.now() + parseDuration(expires)).toISOString(),
        }),
      });
      const { info } = made;
      if (!cli.json)
        cli.note(
          `token ${info.id}, scope ${info.scope}, ${info.expiresAt === null ? 'without an end' : `until ${info.expiresAt}`}; it is shown this once:`,
        );
      cli.answer({ ...info, token: made.token }, made.token);
    },
    (command) => {
      const shaped = command
        .option('--name <name>', 'what it is for')
        .option('--expires <duration>', 'when it ends, such as 30d; never, if not given');
      if (kind === 'acp') return shaped;
      return shaped
        .option('--workspace <workspace>', 'the one workspace it may see')
        .addOption(
          command.createOption('--scope <scope>', 'what it may do').choices(['read', 'write', 'exec']),
        );
    },
  );
  verb(token, 'list', 'the tokens that exist, without the tokens', async (cli) => {
    const answer = await cli.call('gateway.listTokens', { kind });
    const rows = answer.tokens.map((one) => [
      one.id,
      one.name,
      one.state,
      one.scope,
      one.lastUsedAt ?? 'never used',
    ]);
    cli.answer(
      answer,
      rows.length === 0
        ? `no token: signalbox ${kind} token create`
        : table(['ID', 'NAME', 'STATE', 'SCOPE', 'LAST USED'], rows),
    );
  });
  verb(token, 'revoke <id>', 'end a token; its connections close', async (cli, [id = '']) => {
    await cli.call('gateway.revokeToken', { tokenId: id });
    cli.answer({ revoked: id }, `${id} is revoked`);
  });
}
