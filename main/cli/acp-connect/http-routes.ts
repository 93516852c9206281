import { idKey, isFields, sessionOf, type Message } from './message.ts';

/** Which session a message belongs to: the transport draft wants it in a header. */
export interface HttpRoutes {
  /** Of a message that goes out. */
  sessionFor(message: Message | null): string | null;
  /**
   * Takes note of a message that came in.
   * @param stream the session on whose stream it came
   * @returns the session whose stream has to be opened now
   */
  seen(message: Message | null, stream: string | null): string | null;
  /** Whether answers for this session are still to come. */
  awaits(session: string): boolean;
}

export function createHttpRoutes(): HttpRoutes {
  /** Requests of the agent, by id: the answer goes where the request came from. */
  const questions = new Map<string, string>();
  const requests = new Map<string, string>();
  return {
    sessionFor(message) {
      if (!message) return null;
      const { id, method } = message;
      if (method === undefined) {
        const key = idKey(id ?? null);
        const session = questions.get(key) ?? null;
        questions.delete(key);
        return session;
      }
      const session = sessionOf(message);
      if (session !== null && id !== undefined) requests.set(idKey(id), session);
      return session;
    },
    seen(message, stream) {
      if (message?.id === undefined) return null;
      const key = idKey(message.id);
      if (message.method !== undefined) {
        if (stream !== null) questions.set(key, stream);
        return null;
      }
      requests.delete(key);
      const session = isFields(message.result) ? message.result['sessionId'] : null;
      return typeof session === 'string' ? session : null;
    },
    awaits: (session) => [...requests.values()].includes(session),
  };
}
