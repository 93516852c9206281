import type { Stream } from '@agentclientprotocol/sdk';

type Message = Stream['readable'] extends ReadableStream<infer M> ? M : never;

/** Parts of a conversation: what an agent repeats of them while it opens an earlier session is on record already. */
const CONVERSATION: ReadonlySet<unknown> = new Set([
  ...[
    'user_message_chunk',
    'agent_message_chunk',
    'agent_thought_chunk',
    'tool_call',
    'tool_call_update',
    'plan',
  ],
]);
const OPENS_AGAIN: ReadonlySet<string> = new Set(['session/load', 'session/resume']);

/**
 * The stream of an agent without what nobody asked for: answers to requests that were never sent, or that were
 * answered already; messages that are no JSON-RPC at all, which would only fill the log; and the replay of an earlier
 * session. All this is told by the order of the messages, so it is done here, where they still have one.
 */
export function guardedStream({ readable, writable }: Stream): Stream {
  const open = new Set<string | number>();
  let opening: string | number | null = null;
  const outgoing = new TransformStream<Message, Message>({
    transform(message, controller) {
      if ('method' in message && 'id' in message && isId(message.id)) {
        open.add(message.id);
        if (OPENS_AGAIN.has(message.method)) opening = message.id;
      }
      controller.enqueue(message);
    },
  });
  const incoming = new TransformStream<Message, Message>({
    transform(message, controller) {
      if ('method' in message) {
        const repeats = opening !== null && isConversation(message);
        if (typeof message.method === 'string' && !repeats) controller.enqueue(message);
      } else if ('id' in message && isId(message.id) && open.delete(message.id)) {
        if (message.id === opening) opening = null;
        controller.enqueue(message);
      }
    },
  });
  // Whoever writes learns of an error of the real stream from its own write.
  outgoing.readable.pipeTo(writable).catch(() => {});
  return { readable: readable.pipeThrough(incoming), writable: outgoing.writable };
}

const isId = (id: unknown): id is string | number => typeof id === 'string' || typeof id === 'number';

function isConversation(message: Message): boolean {
  if (!('method' in message) || message.method !== 'session/update') return false;
  const update = field(field(message, 'params'), 'update');
  return CONVERSATION.has(field(update, 'sessionUpdate'));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
