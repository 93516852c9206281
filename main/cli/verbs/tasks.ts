import type { Command } from 'commander';
import { randomBytes } from 'node:crypto';
import type { Task, TaskBudget, TaskMode } from '../../../contract/tasks.ts';
import { workspaceRef, type Verbs } from '../cli.ts';
import { parseDuration, parseWhole } from '../duration.ts';
import { usage } from '../failure.ts';
import { plainLine, table } from '../plain-text.ts';
import { followTask } from './task-follow.ts';
import { diffText, taskText, textOf } from './task-text.ts';

interface BudgetOptions {
  budgetTokens?: string;
  budgetCost?: string;
  timeout?: string;
}

interface SubmitOptions extends BudgetOptions {
  agent: string;
  workspace: string;
  mode?: TaskMode;
  session?: string;
  file?: string;
  idempotencyKey?: string;
}

/** Work for agents. */
export function addTaskVerbs(program: Command, verbs: Verbs): void {
  const task = verbs.group(program, 'task', 'give agents work and watch it');
  addSubmit(task, verbs);
  addWatching(task, verbs);
  addSteering(task, verbs);
}

function addSubmit(task: Command, { verb }: Verbs): void {
  verb<SubmitOptions>(
    task,
    'submit [text...]',
    'give an agent a task in a workspace; without words the text comes from standard input',
    async (cli, words, options) => {
      const { agent, workspace, mode, session, idempotencyKey } = options;
      const submitted = await cli.call('tasks.submit', {
        agent,
        workspace: workspaceRef(workspace),
        text: textOf(words, options.file),
        budget: budgetOf(options),
        ...(mode && { mode }),
        ...(session !== undefined && { session }),
        idempotencyKey: idempotencyKey ?? newKey(),
      });
      cli.answer(submitted, submittedText(submitted));
    },
    (command) =>
      command
        .requiredOption('--agent <name>', 'which agent: signalbox agents list')
        .requiredOption('--workspace <workspace>', 'where: path, name or id')
        .addOption(
          command
            .createOption('--mode <mode>', 'what it may do without being asked')
            .choices(['read', 'ask', 'auto']),
        )
        .option('--session <id>', 'go on with this session: signalbox sessions list')
        .option('--file <file>', 'the text is in a file; - is standard input')
        .option('--budget-tokens <count>', 'stop it when so many tokens are used, as the agent reports them')
        .option('--budget-cost <usd>', 'stop it when so many US dollars are spent, as the agent reports them')
        .option('--timeout <duration>', 'stop it when it has run for so long, such as 90s or 15m')
        .option('--idempotency-key <key>', 'the same key gives the same task back'),
  );
}

function addWatching(task: Command, { verb }: Verbs): void {
  verb(task, 'list', 'tasks, newest first', async (cli) => {
    const answer = await cli.call('tasks.list', {});
    const rows = answer.tasks.map((one) => [
      ...[one.id, stateText(one), one.agent, one.createdAt, plainLine(one.text, 60)],
    ]);
    cli.answer(
      answer,
      rows.length === 0 ? 'no task yet' : table(['ID', 'STATE', 'AGENT', 'CREATED', 'TEXT'], rows),
    );
  });
  verb(task, 'show <id>', 'one task', async (cli, [id = '']) => {
    const one = await cli.call('tasks.get', { taskId: id });
    cli.answer(one, taskText(one));
  });
  verb(task, 'follow <id>', 'watch a task until it ends', followTask);
  verb(task, 'diff <id>', 'what a task has changed', async (cli, [id = '']) => {
    const diff = await cli.call('tasks.diff', { taskId: id });
    cli.answer(diff, diffText(diff));
  });
}

function addSteering(task: Command, { verb }: Verbs): void {
  verb(task, 'cancel <id>', 'cancel a task', async (cli, [id = '']) => {
    const one = await cli.call('tasks.cancel', { taskId: id });
    cli.answer(one, `${one.id} is ${one.state}`);
  });
  verb<{ file?: string }>(
    task,
    'steer <id> [text...]',
    'end the turn of a running task and tell its agent something else',
    async (cli, [id = '', ...words], { file }) => {
      const one = await cli.call('tasks.steer', { taskId: id, text: textOf(words, file) });
      cli.answer(one, `${one.id} was told; watch it: signalbox task follow ${one.id}`);
    },
    (command) => command.option('--file <file>', 'the text is in a file; - is standard input'),
  );
  verb<{ idempotencyKey?: string }>(
    task,
    'retry <id>',
    'submit an ended task once more, as a new task',
    async (cli, [id = ''], { idempotencyKey }) => {
      const key = idempotencyKey ?? newKey();
      const one = await cli.call('tasks.retry', { taskId: id, idempotencyKey: key });
      cli.answer(one, submittedText(one));
    },
    (command) => command.option('--idempotency-key <key>', 'the same key gives the same task back'),
  );
}

const newKey = (): string => randomBytes(16).toString('base64url');

const submittedText = (task: Task): string =>
  `${task.id} is ${stateText(task)}; watch it: signalbox task follow ${task.id}`;

const stateText = (task: Task): string =>
  task.state === 'queued' && task.position !== null ? `queued (${task.position})` : task.state;

/** @throws Failure `invalid_input` that names the option */
function budgetOf({ budgetTokens, budgetCost, timeout }: BudgetOptions): TaskBudget {
  const costUsd = budgetCost === undefined ? undefined : Number(budgetCost);
  if (costUsd !== undefined && !(costUsd > 0 && costUsd <= 1_000_000))
    throw usage('--budget-cost must be a number of US dollars above 0');
  return {
    ...(budgetTokens !== undefined && {
      tokens: parseWhole('--budget-tokens', budgetTokens, 1, 1_000_000_000),
    }),
    ...(costUsd !== undefined && { costUsd }),
    ...(timeout !== undefined && { minutes: parseDuration(timeout) / 60_000 }),
  };
}
