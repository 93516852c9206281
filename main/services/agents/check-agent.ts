import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentCheck } from '../../../contract/agents.ts';
import { bytesFrom, bytesTo } from '../../acp/agent-streams.ts';
import { HostError } from '../../../contract/errors.ts';
import { isAuthRequired, withKey } from '../../acp/with-key.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroup } from '../../kernel/process-groups.ts';
import { readAnswer } from './agent-answer.ts';

/** An agent that is started for the first time may unpack or migrate something. */
const ANSWER_MS = 30_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** From closed pipes to the end of the agent, if it ends. */
const ENDED_MS = 2_000;
const MAX_STDERR = 2_048;

export interface CheckRequest {
  readonly name: string;
  /** Starts the agent in a folder. */
  readonly launch: (cwd: string) => Promise<ProcessGroup>;
  /** Where a folder of its own is made for it; removed afterwards. */
  readonly folder: string;
  readonly session: boolean;
  /** Where a key is kept for it: then that is used when it wants a login. */
  readonly keyVariable: string | null;
  readonly clock: Clock;
}

/**
 * Starts an agent, asks it what it can do, and ends its whole process group, whatever it answered.
 * @throws HostError `unavailable` when it ends or answers something else than ACP, `timed_out` after 30 seconds
 */
export async function checkAgent({ name, launch, folder, ...how }: CheckRequest): Promise<AgentCheck> {
  const cwd = await mkdtemp(join(folder, 'check-'));
  try {
    const from = how.clock.monotonic();
    const group = await launch(cwd);
    try {
      return await ask(group, { name, cwd, from, ...how });
    } finally {
      await group.stop();
    }
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

interface Asking {
  readonly name: string;
  readonly cwd: string;
  readonly session: boolean;
  readonly keyVariable: string | null;
  readonly clock: Clock;
  readonly from: number;
}

async function ask(
  group: ProcessGroup,
  { name, cwd, session, keyVariable, clock, from }: Asking,
): Promise<AgentCheck> {
  const acp = await import('@agentclientprotocol/sdk');
  let said = '';
  group.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-MAX_STDERR)));
  const connection = acp
    .client({ name: 'signalbox' })
    .onNotification('*', () => {})
    .connect(
      acp.ndJsonStream(bytesTo(group.stdin), bytesFrom(group.stdout), { maxMessageBytes: MAX_MESSAGE_BYTES }),
    );
  const ended = group.exited.then(({ code, signal }) => {
    const last = said.trim().split('\n').at(-1) ?? '';
    throw new HostError(
      'unavailable',
      `agent "${name}" ended (${signal ?? `code ${code ?? '?'}`}) before it answered${last === '' ? '' : `: ${last}`}`,
    );
  });
  // Once the answer is there, its end is no error any more.
  ended.catch(() => {});
  const methods = acp.methods.agent;
  const inTime = <T>(what: string, answer: Promise<T>): Promise<T> =>
    Promise.race([answer, ended, deadline(clock, name, what)]);
  try {
    const raw: unknown = await inTime(
      'initialize',
      connection.agent.request(methods.initialize, {
        protocolVersion: 1,
        clientInfo: { name: 'signalbox', title: 'Signalbox', version: '1' },
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      }),
    ).catch(async (error: unknown) => {
      if (error instanceof HostError) throw error;
      // Its pipes close before its end is known, and its last words say more than a closed pipe.
      if (!isAnswer(error)) await Promise.race([ended, pause(clock, ENDED_MS)]);
      throw refusedToAnswer(name, error);
    });
    const answer = readAnswer(raw);
    if (!answer) throw refusedToAnswer(name, 'its answer to initialize is not that of the protocol');
    const answeredAfterMs = Math.round(clock.monotonic() - from);
    const open = () =>
      withKey(
        () => inTime('session/new', connection.agent.request(methods.session.new, { cwd, mcpServers: [] })),
        {
          variable: () => Promise.resolve(keyVariable),
          offered: answer.authMethods,
          authenticate: (methodId) =>
            inTime('authenticate', connection.agent.request(methods.authenticate, { methodId })),
        },
      ).then((): Opened => ({ session: 'opened', problem: '' }), sessionProblem);
    const opened: Opened = session ? await open() : { session: 'not-tried', problem: '' };
    return { name, ...answer, ...opened, answeredAfterMs };
  } finally {
    connection.close();
  }
}

type Opened = Pick<AgentCheck, 'session' | 'problem'>;

function sessionProblem(error: unknown): Opened {
  const problem = textOf(error).slice(0, 1024);
  return { session: isAuthRequired(error) ? 'login-required' : 'failed', problem };
}

/** An error that the agent sent, as against one of the connection. */
function isAnswer(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === 'number';
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

function refusedToAnswer(name: string, error: unknown): HostError {
  return new HostError('unavailable', `agent "${name}" does not answer as ACP asks: ${textOf(error)}`);
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1024);
}

function deadline(clock: Clock, name: string, what: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    clock.after(ANSWER_MS, () =>
      reject(
        new HostError(
          'timed_out',
          `agent "${name}" did not answer ${what} within ${ANSWER_MS / 1000} seconds`,
        ),
      ),
    );
  });
}
