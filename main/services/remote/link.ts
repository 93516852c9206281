import { idKey, type Envelope } from '../../acp/envelope.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import { createLineSplitter } from '../../acp/line-splitter.ts';
import { parsedMessage } from '../../acp/json-rpc.ts';
import type { Clock } from '../../kernel/ports.ts';
import { ENDINGS, type Ending } from './ending.ts';
import { createExchange, type ClientVerdict, type Exchange, type Waiting } from './exchange.ts';
import { createGather } from './gather.ts';
import { LOW_WATER, MAX_FRAME, MAX_SESSIONS } from './limits.ts';
import type { Questions, QuestionDeps } from './questions.ts';
import { createSessionFolders } from './session-folders.ts';
import { createStallWatch } from './stall-watch.ts';

/** Where a line of the agent belongs. */
export interface About {
  readonly sessionId: string | null;
  /** Key of the client's request that the line answers. */
  readonly answers: string | null;
}

/** The client's end of a connection. */
export interface Carrier {
  deliver(line: Buffer, about: About): void;
}

export interface Traffic {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface LinkDeps {
  readonly agent: AgentProcess;
  readonly carrier: Carrier;
  readonly clock: Clock;
  readonly questions: (
    wiring: Pick<QuestionDeps, 'folderOf' | 'toAgent' | 'toClient' | 'expectAnswer' | 'forget'>,
  ) => Questions;
  /** The agent can take more; `receive` had said that it could not. */
  readonly drained: () => void;
  readonly ended: (ending: Ending) => void;
}

/** One agent and what one client and it say to each other, on whatever carrier. */
export interface Link {
  readonly exchange: Exchange;
  /** Takes one message of the client; `full`: say nothing more until `drained`. */
  receive(
    frame: Buffer,
    verdict?: ClientVerdict,
  ): { readonly verdict: ClientVerdict; readonly full: boolean };
  /** The client is slow: the agent is held back, or goes on. */
  hold(): void;
  release(): void;
  traffic(): Traffic;
  /** Milliseconds without a message, 0 while an answer or leave is outstanding. */
  quietMs(): number;
  /** Ends the agent; resolves when none of its group is left. */
  end(): Promise<void>;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const LINE_END = Buffer.from('\n');

export function createLink(deps: LinkDeps): Link {
  const { agent, carrier, clock } = deps;
  const { stdin, stdout, stderr } = agent;
  const exchange = createExchange(() => clock.monotonic());
  const folders = createSessionFolders();
  const count = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };
  let lastAt = clock.monotonic();
  let over = false;

  const end = (ending: Ending) => {
    if (!over) deps.ended(ending);
  };
  const toAgent = createGather(stdin, () => stdin.writable);
  const deaf = createStallWatch(clock, toAgent.waiting, () => end(ENDINGS.agentStalled));

  const questions = deps.questions({
    folderOf: folders.folderOf,
    toAgent: (line) => void write(line),
    toClient: (line, sessionId) => toClient(line, { sessionId, answers: null }),
    expectAnswer: (rawId, sessionId) => exchange.expectAnswer(rawId, sessionId, 'session/request_permission'),
    forget: exchange.forget,
  });

  function toClient(line: Buffer, about: About): void {
    if (over) return;
    count.framesOut += 1;
    count.bytesOut += line.length;
    carrier.deliver(line, about);
  }

  /** False when the agent has enough for now. */
  function write(line: Buffer): boolean {
    if (over) return true;
    toAgent.add(withoutLineEnds(line), LINE_END);
    if (toAgent.waiting() < LOW_WATER) return true;
    deaf.begin();
    return false;
  }

  function fromAgent(line: Buffer): void {
    // Programs print notices; a message is an object, or a batch of them.
    if (line[0] !== OPEN_BRACE && line[0] !== OPEN_BRACKET) return;
    lastAt = clock.monotonic();
    const said = exchange.fromAgent(line);
    if (said.to === 'host') {
      questions.ask(said.rawId, line);
      return;
    }
    const { envelope, answered } = said;
    if (envelope?.method === 'session/update' && line.includes('"tool_call')) questions.note(line);
    if (envelope?.method === '$/cancel_request') noteCancelled(line);
    if (answered && envelope) noteAnswer(answered, envelope);
    toClient(line, {
      sessionId: answered === null ? (envelope?.sessionId ?? null) : streamOf(answered),
      answers: answered === null ? null : idKey(answered.rawId),
    });
    if (exchange.isOverfull() || folders.count() >= MAX_SESSIONS) end(ENDINGS.tooMany);
  }

  function noteAnswer(answered: Waiting, envelope: Envelope): void {
    const { rawId, method, sessionId } = answered;
    folders.answered(idKey(rawId), envelope.hasResult ? (envelope.openedSessionId ?? sessionId) : null);
    if (method === 'session/prompt' && sessionId !== null) questions.turnOver(sessionId);
  }

  function noteCancelled(line: Buffer): void {
    const params = parsedMessage(line)?.params;
    if (typeof params !== 'object' || params === null || !('requestId' in params)) return;
    const { requestId } = params;
    if (typeof requestId === 'string' || typeof requestId === 'number')
      questions.cancelledByAgent(JSON.stringify(requestId));
  }

  stderr.resume();
  const split = createLineSplitter({
    maxBytes: MAX_FRAME,
    onLine: fromAgent,
    onTooLong: () => end(ENDINGS.tooLarge),
  });
  stdout.on('data', split);
  stdout.once('error', () => {});
  // Its last words come before its end: the end of stdout, not of the process, closes the connection.
  stdout.once(
    'close',
    () => void agent.exited.then(({ code }) => end(code === 0 ? ENDINGS.agentEnded : ENDINGS.agentFailed)),
  );
  stdin.on('drain', () => {
    deaf.end();
    if (!over) deps.drained();
  });

  return {
    exchange,
    receive(frame, given) {
      lastAt = clock.monotonic();
      count.framesIn += 1;
      count.bytesIn += frame.length;
      const verdict = given ?? exchange.fromClient(frame);
      if (verdict.to !== 'agent') return { verdict, full: false };
      const { envelope, answered } = verdict;
      if (answered) questions.answeredByClient(answered.rawId, frame);
      if (envelope.method !== null && envelope.id !== null)
        folders.asked(idKey(envelope.id), envelope.method, frame);
      const full = !write(frame);
      // After the agent has heard of it, so that it is over the turn when its questions are.
      if (envelope.method === 'session/cancel' && envelope.sessionId !== null)
        questions.turnOver(envelope.sessionId);
      return { verdict, full };
    },
    hold: () => void stdout.pause(),
    release: () => void stdout.resume(),
    traffic: () => ({ ...count }),
    quietMs: () => (exchange.waiting() + questions.open() > 0 ? 0 : clock.monotonic() - lastAt),
    async end() {
      over = true;
      deaf.end();
      questions.end();
      stdout.resume();
      toAgent.flush();
      stdin.end();
      await agent.stop();
    },
  };
}

/** The stream that an answer belongs to: whoever loads a session has none for it yet. */
function streamOf({ method, sessionId }: Waiting): string | null {
  return method === 'session/load' ? null : sessionId;
}

/** A line end in JSON can only be white space between tokens, so it may become a blank; left, it would cut the message. */
export function withoutLineEnds(frame: Buffer): Buffer {
  let copy: Buffer | null = null;
  for (const end of [0x0a, 0x0d]) {
    for (let at = frame.indexOf(end); at >= 0; at = frame.indexOf(end, at + 1)) {
      copy ??= Buffer.from(frame);
      copy[at] = 0x20;
    }
  }
  return copy ?? frame;
}
