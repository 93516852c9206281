import { idKey, isBad, readEnvelope, type BadMessage, type Envelope } from '../../acp/envelope.ts';
import { errorAnswer } from '../../acp/json-rpc.ts';
import { MAX_WAITING } from './limits.ts';

/** A request that has not been answered yet. */
export interface Waiting {
  readonly rawId: string;
  readonly method: string;
  readonly sessionId: string | null;
  readonly at: number;
}

/** What becomes of a message of the client. */
export type ClientVerdict =
  | { readonly to: 'agent'; readonly envelope: Envelope; readonly answered: Waiting | null }
  | { readonly to: 'client'; readonly answer: Buffer; readonly code: number }
  | { readonly to: 'nobody' };

/** What becomes of a message of the agent. `answered` is the client's request that it answers. */
export type AgentVerdict =
  | {
      readonly to: 'client';
      readonly envelope: Envelope | null;
      readonly answered: Waiting | null;
    }
  | { readonly to: 'host'; readonly envelope: Envelope; readonly rawId: string };

export interface Exchange {
  fromClient(frame: Buffer, read?: Envelope | BadMessage): ClientVerdict;
  fromAgent(line: Buffer): AgentVerdict;
  /** A request of the agent goes to the client after all: its answer will be let through. */
  expectAnswer(rawId: string, sessionId: string | null, method: string): void;
  /** The client's answer to this request of the agent is not wanted any more. */
  forget(rawId: string): void;
  /** Whose answer the client still owes. */
  agentAsked(key: string): Waiting | null;
  /** Requests of the client without an answer. */
  waiting(): number;
  /** Median time of the last answers in milliseconds, prompts left out: they last as long as a turn. */
  latencyMs(): number | null;
  /** Whether more is open than an honest peer needs. */
  isOverfull(): boolean;
}

const ASKS_LEAVE = 'session/request_permission';
const PROMPT = 'session/prompt';
const KEPT_TIMES = 64;

/**
 * Who has asked whom what. A client's answer goes to the agent only where the agent has asked that client: an id can be
 * guessed, and a question that was put to the host must not be answered by anybody else.
 * @param now milliseconds that never go back
 */
export function createExchange(now: () => number): Exchange {
  const ofClient = new Map<string, Waiting>();
  const ofAgent = new Map<string, Waiting>();
  const times: number[] = [];
  let greeted = false;

  function fromClient(frame: Buffer, read: Envelope | BadMessage = readEnvelope(frame)): ClientVerdict {
    if (isBad(read)) return refusal(null, read.code, read.message);
    const { id, method } = read;
    if (method === null) {
      const waiting = id === null ? undefined : ofAgent.get(idKey(id));
      if (id === null || waiting === undefined) return { to: 'nobody' };
      ofAgent.delete(idKey(id));
      return { to: 'agent', envelope: read, answered: waiting };
    }
    if (method === 'initialize') {
      if (greeted) return refusal(id, -32600, 'this connection is initialized already');
      greeted = true;
    }
    if (id !== null) {
      if (ofClient.size >= MAX_WAITING) return refusal(id, -32000, 'too many requests wait for an answer');
      ofClient.set(idKey(id), { rawId: id, method, sessionId: read.sessionId, at: now() });
    }
    return { to: 'agent', envelope: read, answered: null };
  }

  function fromAgent(line: Buffer): AgentVerdict {
    const read = readEnvelope(line);
    // What only the client may be able to read is the client's affair.
    if (isBad(read)) return { to: 'client', envelope: null, answered: null };
    const { id, method } = read;
    if (id === null) return { to: 'client', envelope: read, answered: null };
    if (method === ASKS_LEAVE) return { to: 'host', envelope: read, rawId: id };
    if (method !== null) {
      expectAnswer(id, read.sessionId, method);
      return { to: 'client', envelope: read, answered: null };
    }
    const answered = ofClient.get(idKey(id)) ?? null;
    ofClient.delete(idKey(id));
    if (answered && answered.method !== PROMPT) {
      if (times.push(now() - answered.at) > KEPT_TIMES) times.shift();
    }
    return { to: 'client', envelope: read, answered };
  }

  function expectAnswer(rawId: string, sessionId: string | null, method: string): void {
    ofAgent.set(idKey(rawId), { rawId, method, sessionId, at: now() });
  }

  return {
    fromClient,
    fromAgent,
    expectAnswer,
    forget: (rawId) => void ofAgent.delete(idKey(rawId)),
    agentAsked: (key) => ofAgent.get(key) ?? null,
    waiting: () => ofClient.size,
    latencyMs() {
      const sorted = [...times].sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)] ?? null;
    },
    isOverfull: () => ofAgent.size > MAX_WAITING,
  };
}

function refusal(rawId: string | null, code: number, message: string): ClientVerdict {
  return { to: 'client', answer: errorAnswer(rawId, code, message), code };
}
