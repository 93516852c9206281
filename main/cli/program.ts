import { Command } from 'commander';
import { createCli, type Streams, type Verbs } from './cli.ts';
import { addAcpVerbs } from './verbs/acp.ts';
import { addAgentVerbs } from './verbs/agents.ts';
import { addApprovalVerbs } from './verbs/approvals.ts';
import { addAuditVerbs } from './verbs/audit.ts';
import { addProgramVerbs } from './verbs/completions.ts';
import { addDeviceVerbs } from './verbs/devices.ts';
import { addHandoffVerbs } from './verbs/handoff.ts';
import { addHostVerbs } from './verbs/host.ts';
import { addLogVerbs } from './verbs/logs.ts';
import { addMcpVerbs } from './verbs/mcp.ts';
import { addPolicyVerbs } from './verbs/policy.ts';
import { addProcessVerbs } from './verbs/processes.ts';
import { addPasskeyVerbs } from './verbs/passkeys.ts';
import { addSecretVerbs } from './verbs/secrets.ts';
import { addSessionVerbs } from './verbs/sessions.ts';
import { addTaskVerbs } from './verbs/tasks.ts';
import { addActionVerbs } from './verbs/actions.ts';
import { addTunnelVerbs } from './verbs/tunnel.ts';
import { addWorkspaceVerbs } from './verbs/workspaces.ts';

/**
 * The whole command line. Loads nothing but commander: each verb loads what it needs when it runs.
 * @param exit told the exit code of the verb that ran
 */
export function createProgram(streams: Streams, exit: (code: number) => void): Command {
  const program = new Command('signalbox')
    .description('A signal box for the coding agents on your own machine.')
    .option('--home <folder>', 'which host: the folder of its state (also: SIGNALBOX_HOME)')
    .option('--json', 'one JSON document on stdout; streams: one a line');
  configure(program);

  const verbs: Verbs = {
    group: (parent, name, summary) => configure(parent.command(name).description(summary)),
    verb(parent, usage, summary, work, shape = (command) => command) {
      const command = configure(shape(parent.command(usage).description(summary)));
      return command.action(async () => {
        const cli = createCli(streams, program.opts());
        try {
          const code = await work(cli, command.args, command.opts<never>());
          exit(typeof code === 'number' ? code : 0);
        } finally {
          cli.close();
        }
      });
    },
  };
  for (const add of [
    addHostVerbs,
    addProcessVerbs,
    addLogVerbs,
    addWorkspaceVerbs,
    addMcpVerbs,
    addTunnelVerbs,
    addAcpVerbs,
    addAgentVerbs,
    addSessionVerbs,
    addTaskVerbs,
    addActionVerbs,
    addHandoffVerbs,
    addApprovalVerbs,
    addPolicyVerbs,
    addDeviceVerbs,
    addAuditVerbs,
    addPasskeyVerbs,
    addSecretVerbs,
    addProgramVerbs,
  ]) {
    add(program, verbs);
  }
  return program;

  function configure(command: Command): Command {
    return command
      .exitOverride()
      .helpCommand(false)
      .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
      .configureOutput({ writeOut: streams.stdout, writeErr: () => {} });
  }
}
