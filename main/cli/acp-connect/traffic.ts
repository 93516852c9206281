import type { Clock } from '../../kernel/ports.ts';
import {
  asMessage,
  errorReply,
  frameOf,
  isFields,
  mayHaveId,
  readJson,
  readMessage,
  sessionOf,
  type Fields,
  type Message,
} from './message.ts';
import { isOfHost, rewrittenParams, type Rewriting } from './outgoing.ts';
import { createQuestions } from './questions.ts';
import type { Conversation } from './conversation.ts';
import { createRequests, withLatency, type Pending } from './requests.ts';

/** What an agent tells again of a session's past when it loads it. */
const HISTORY = [
  'user_message_chunk',
  'agent_message_chunk',
  'agent_thought_chunk',
  'tool_call',
  'tool_call_update',
  'plan',
];

export interface TrafficDeps {
  readonly toAgent: (frame: Buffer, message: Message | null) => void;
  readonly toEditor: (frame: Buffer) => void;
  /** An answer that is not for the editor. */
  readonly isOwn: (answer: Message) => boolean;
  readonly conversation: Conversation;
  readonly clock: Clock;
  readonly note: (text: string) => void;
  readonly rewriting: Rewriting;
  readonly latency: boolean;
  readonly roundTripMs: () => number | null;
  /** The editor has sent its `initialize`; `isAnswered` tells later whether it still waits. */
  readonly onInitialize: (isAnswered: () => boolean) => void;
}

/** What passes between editor and agent: bytes as they are, but for what the options and a lost connection ask. */
export interface Traffic {
  fromEditor(line: Buffer): void;
  fromAgent(frame: Buffer): void;
  /** The history of this session is known to the editor: it is left out until the next prompt. */
  hush(session: string): void;
  /** This session has no agent any more: requests for it are answered here. */
  gone(session: string): void;
  /** The connection is lost: requests are answered with an error, questions are taken back. */
  lost(reason: string): void;
  /** A line that never went out. */
  refuse(line: Buffer, reason: string): void;
}

export function createTraffic(deps: TrafficDeps): Traffic {
  const { toAgent, toEditor, conversation, clock, note, rewriting } = deps;
  const requests = createRequests();
  const questions = createQuestions();
  const hushed = new Set<string>();
  const gone = new Set<string>();

  function answer(line: Buffer, message: Message, raw: Fields): void {
    const way = questions.answered(message, raw);
    if (way === 'as-is') toAgent(line, message);
    else if (way !== 'stale') toAgent(way, readMessage(way));
  }

  function request(line: Buffer, message: Message, raw: Fields): void {
    const { id = null, method = '' } = message;
    const session = sessionOf(message);
    if (session !== null) {
      const reopens = method === 'session/load' || method === 'session/resume';
      if (reopens) gone.delete(session);
      if (reopens || method === 'session/prompt') hushed.delete(session);
      if (gone.has(session)) {
        toEditor(errorReply(id, lostProblem(`session ${session} ended with a connection that was lost`)));
        return;
      }
    }
    const params = rewrittenParams(message, rewriting);
    requests.add(message, params ?? message.params ?? {}, clock.monotonic());
    if (method === 'initialize') deps.onInitialize(() => !requests.has(id));
    toAgent(params ? frameOf({ ...raw, params }) : line, message);
  }

  /** There are no batches in ACP; one that would reach into this machine is not for an editor to interpret. */
  function batch(frame: Buffer, entries: unknown[]): void {
    const reaches = entries.some((entry) => isOfHost(asMessage(entry)?.method ?? ''));
    if (reaches && rewriting.host === 'remote') note('a batch of the agent that asks for files was dropped');
    else toEditor(frame);
  }

  function settle(frame: Buffer, message: Message, raw: Fields): void {
    if (deps.isOwn(message)) return;
    const pending = requests.settle(message.id ?? null);
    if (pending && message.error === undefined) conversation.settled(pending, message.result);
    const timed = pending && deps.latency ? timedReply(pending, raw) : null;
    toEditor(timed ? frameOf(timed) : frame);
  }

  function timedReply(pending: Pending, raw: Fields): Fields | null {
    return withLatency(raw, pending, clock.monotonic(), deps.roundTripMs());
  }

  function question(frame: Buffer, message: Message, raw: Fields): void {
    const { id = null, method = '' } = message;
    if (rewriting.host === 'remote' && isOfHost(method)) {
      const problem = {
        code: -32601,
        message: `"${method}" is not offered: work with the files and terminals there`,
      };
      toAgent(errorReply(id, problem), { id });
      return;
    }
    toEditor(questions.asked(message, raw) ?? frame);
  }

  function notice(frame: Buffer, message: Message, raw: Fields): void {
    if (message.method === '$/cancel_request') {
      toEditor(questions.cancelled(raw) ?? frame);
      return;
    }
    if (message.method === 'session/update') {
      const session = sessionOf(message);
      requests.updated(session, clock.monotonic());
      const update = message.params?.['update'];
      const kind = isFields(update) ? update['sessionUpdate'] : null;
      if (session !== null && hushed.has(session) && typeof kind === 'string' && HISTORY.includes(kind))
        return;
    }
    toEditor(frame);
  }

  return {
    fromEditor(line) {
      const raw = readJson(line);
      const message = asMessage(raw);
      if (!message || !isFields(raw)) toAgent(line, null);
      else if (message.method === undefined) answer(line, message, raw);
      else if (message.id === undefined) toAgent(line, message);
      else request(line, message, raw);
    },
    fromAgent(frame) {
      const isPlain = !mayHaveId(frame) && !frame.includes('$/');
      if (isPlain && hushed.size === 0 && !deps.latency) {
        toEditor(frame);
        return;
      }
      const raw = readJson(frame);
      const message = asMessage(raw);
      if (Array.isArray(raw)) batch(frame, raw);
      else if (!message || !isFields(raw)) toEditor(frame);
      else if (message.method === undefined) settle(frame, message, raw);
      else if (message.id === undefined) notice(frame, message, raw);
      else question(frame, message, raw);
    },
    hush: (session) => void hushed.add(session),
    gone: (session) => void gone.add(session),
    lost(reason) {
      for (const frame of questions.lost()) toEditor(frame);
      for (const { id } of requests.takeAll()) toEditor(errorReply(id, lostProblem(reason)));
    },
    refuse(line, reason) {
      const message = readMessage(line);
      if (message?.method !== undefined && message.id !== undefined)
        toEditor(errorReply(message.id, lostProblem(reason)));
    },
  };
}

function lostProblem(message: string): { code: number; message: string; data: Fields } {
  return { code: -32603, message, data: { reason: 'connection_lost' } };
}
