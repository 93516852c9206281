import type * as Sdk from '@agentclientprotocol/sdk';
import type {
  ClientConnection,
  LoadSessionResponse,
  McpServer,
  PromptResponse,
  SessionConfigOption,
  SessionModeState,
  StopReason,
} from '@agentclientprotocol/sdk';
import { HostError } from '../../../contract/errors.ts';
import { withKey } from '../../acp/with-key.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import { describeError } from './agent-errors.ts';
import type { Conversation } from './conversation.ts';
import { bytesFrom, bytesTo } from '../../acp/agent-streams.ts';
import { guardedStream } from './guarded-stream.ts';
import { tokensIn, type ReportedTokens } from './usage-meter.ts';

/** An agent that downloads itself at its first start takes its time. */
const OPENING_MS = 180_000;
/** How long an agent may think about a setting. */
const SETTING_MS = 20_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Requests of one agent that are worked on at the same time. */
const MAX_REQUESTS = 256;

export interface AgentLinkDeps {
  readonly agent: AgentProcess;
  readonly conversation: Conversation;
  readonly clock: Clock;
  /** Every message of the agent is a sign of life. */
  readonly seen: () => void;
  /** The variable in which the agent has a key that the host keeps for it; null where it keeps none. */
  readonly keyVariable: () => Promise<string | null>;
}

export interface AgentFacts {
  readonly load: boolean;
  readonly resume: boolean;
  readonly mcpHttp: boolean;
}

/** A session as the agent opened it. */
export interface OpenedSession {
  readonly agentSessionId: string;
  readonly modes: SessionModeState | null;
  readonly configOptions: readonly SessionConfigOption[] | null;
}

export interface TurnAnswer {
  readonly stopReason: StopReason;
  readonly tokens: ReportedTokens | null;
}

/** One agent, spoken to over ACP version 1. Every call throws HostError or the error that the agent answered. */
export interface AgentLink {
  initialize(announced: { readonly terminal: boolean }): Promise<AgentFacts>;
  /** Opens a new session, or, with the agent's own id of one, goes on with that. */
  open(place: {
    readonly cwd: string;
    readonly mcpServers: McpServer[];
    readonly again: { readonly agentSessionId: string; readonly how: 'load' | 'resume' } | null;
  }): Promise<OpenedSession>;
  /** Resolves with why the agent stopped. Rejects when it ends, or when the link is closed. */
  prompt(texts: readonly string[]): Promise<TurnAnswer>;
  /** Asks the agent to end its turn; false when there is none. */
  cancel(): boolean;
  setMode(modeId: string): Promise<void>;
  setOption(configId: string, value: string | boolean): Promise<readonly SessionConfigOption[]>;
  close(): void;
}

/** The SDK is loaded when it is first needed. */
export async function openLink({
  agent,
  conversation,
  clock,
  seen,
  keyVariable,
}: AgentLinkDeps): Promise<AgentLink> {
  const acp = await import('@agentclientprotocol/sdk');
  const toAgent = acp.methods.agent;
  let sessionId: string | null = null;
  let prompting = false;
  let requests = 0;
  let offered: readonly unknown[] = [];

  async function ours<T>(asked: string, work: () => Promise<T>): Promise<T> {
    seen();
    if (asked !== sessionId) throw acp.RequestError.sessionNotFound(asked);
    if (requests >= MAX_REQUESTS) throw new acp.RequestError(-32603, 'too many requests at once');
    requests += 1;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const code = error.code === 'not_found' ? -32002 : -32603;
      throw new acp.RequestError(code, error.message, { code: error.code });
    } finally {
      requests -= 1;
    }
  }

  const app = answering(acp, conversation, ours)
    .onNotification(acp.methods.client.session.update, ({ params }) => {
      seen();
      if (sessionId === null || params.sessionId === sessionId) conversation.update(params.update);
    })
    // Agents also send notices of their own; who does not know them is to ignore them.
    .onNotification('*', () => seen());

  const connection: ClientConnection = app.connect(
    guardedStream(
      acp.ndJsonStream(bytesTo(agent.stdin), bytesFrom(agent.stdout), { maxMessageBytes: MAX_MESSAGE_BYTES }),
    ),
  );
  const peer = connection.agent;

  /** The session that is open. @throws HostError `conflict` */
  function opened(): string {
    if (sessionId === null) throw new HostError('conflict', 'the agent has not opened its session yet');
    return sessionId;
  }

  const authenticate = (methodId: string): Promise<unknown> =>
    within(clock, OPENING_MS, 'authenticate', peer.request(toAgent.authenticate, { methodId }));
  const opening = <T>(what: string, ask: () => Promise<T>): Promise<T> =>
    withKey(() => within(clock, OPENING_MS, what, ask()), { variable: keyVariable, offered, authenticate });

  return {
    async initialize({ terminal }) {
      const greeting = await within(
        clock,
        OPENING_MS,
        'initialize',
        peer.request(toAgent.initialize, {
          protocolVersion: 1,
          clientInfo: { name: 'signalbox', title: 'Signalbox', version: '1' },
          clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal },
        }),
      );
      if (greeting.protocolVersion !== 1) {
        const version = String(greeting.protocolVersion).slice(0, 32);
        throw new HostError('unavailable', `the agent speaks ACP ${version}; version 1 is needed`);
      }
      if (Array.isArray(greeting.authMethods)) offered = greeting.authMethods;
      const can = greeting.agentCapabilities;
      return {
        load: can?.loadSession === true,
        resume: (can?.sessionCapabilities?.resume ?? null) !== null,
        mcpHttp: can?.mcpCapabilities?.http === true,
      };
    },

    async open({ cwd, mcpServers, again }) {
      if (again === null) {
        const answer = await opening('session/new', () =>
          peer.request(toAgent.session.new, { cwd, mcpServers }),
        );
        if (typeof answer.sessionId !== 'string' || answer.sessionId === '')
          throw new HostError('unavailable', 'the agent answered session/new without a session id');
        sessionId = answer.sessionId;
        return { agentSessionId: answer.sessionId, ...settingsOf(answer) };
      }
      const { agentSessionId, how } = again;
      sessionId = agentSessionId;
      const request = { sessionId: agentSessionId, cwd, mcpServers };
      const method = how === 'resume' ? toAgent.session.resume : toAgent.session.load;
      const answer = await opening(method, () => peer.request<LoadSessionResponse>(method, request));
      return { agentSessionId, ...settingsOf(answer) };
    },

    async prompt(texts) {
      prompting = true;
      try {
        const prompt = texts.map((text) => ({ type: 'text' as const, text }));
        const answer = await peer.request<PromptResponse>(toAgent.session.prompt, {
          sessionId: opened(),
          prompt,
        });
        seen();
        return { stopReason: answer.stopReason, tokens: tokensIn(answer) };
      } finally {
        prompting = false;
      }
    },

    cancel() {
      if (!prompting || sessionId === null) return false;
      peer.notify(toAgent.session.cancel, { sessionId }).catch(() => {});
      return true;
    },

    async setMode(modeId) {
      const request = peer.request(toAgent.session.setMode, { sessionId: opened(), modeId });
      await orRefused(within(clock, SETTING_MS, 'session/set_mode', request));
    },

    async setOption(configId, value) {
      const target = { sessionId: opened(), configId };
      const request =
        typeof value === 'boolean'
          ? peer.request(toAgent.session.setConfigOption, { ...target, type: 'boolean', value })
          : peer.request(toAgent.session.setConfigOption, { ...target, value });
      return (await orRefused(within(clock, SETTING_MS, 'session/set_config_option', request))).configOptions;
    },

    close: () => connection.close(),
  };
}

/** What a person set and the agent does not take is a refusal in the agent's words. */
const orRefused = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof HostError ? error : new HostError('refused', describeError(error));
  });

type Ours = <T>(sessionId: string, work: () => Promise<T>) => Promise<T>;

/** What an agent may ask of us, each for the one session that is open. */
function answering(acp: Pick<typeof Sdk, 'client' | 'methods'>, conversation: Conversation, ours: Ours) {
  const { client } = acp.methods;
  const { terminals } = conversation;
  return acp
    .client({ name: 'signalbox' })
    .onRequest(client.session.requestPermission, ({ params }) =>
      ours(params.sessionId, () => conversation.requestPermission(params)),
    )
    .onRequest(client.fs.readTextFile, ({ params }) =>
      ours(params.sessionId, () => conversation.readTextFile(params)),
    )
    .onRequest(client.fs.writeTextFile, ({ params }) =>
      ours(params.sessionId, () => conversation.writeTextFile(params)),
    )
    .onRequest(client.terminal.create, ({ params }) => ours(params.sessionId, () => terminals.create(params)))
    .onRequest(client.terminal.output, ({ params }) =>
      ours(params.sessionId, async () => terminals.output(params)),
    )
    .onRequest(client.terminal.waitForExit, ({ params }) =>
      ours(params.sessionId, () => terminals.waitForExit(params)),
    )
    .onRequest(client.terminal.kill, ({ params }) => ours(params.sessionId, () => terminals.kill(params)))
    .onRequest(client.terminal.release, ({ params }) =>
      ours(params.sessionId, () => terminals.release(params)),
    );
}

function settingsOf(answer: {
  modes?: SessionModeState | null;
  configOptions?: SessionConfigOption[] | null;
}): Pick<OpenedSession, 'modes' | 'configOptions'> {
  return { modes: answer.modes ?? null, configOptions: answer.configOptions ?? null };
}

function within<T>(clock: Clock, ms: number, what: string, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(ms, () => {
      reject(new HostError('timed_out', `the agent did not answer ${what} within ${ms / 1000} seconds`));
    });
    answer.then(resolve, reject).finally(stop);
  });
}
