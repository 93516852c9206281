/** A prompt of the person, or the result of a tool. */
export type Said = { readonly prompt: string } | { readonly result: true };

/** What a model is asked, whatever the words of the request. */
export interface Turn {
  /** Oldest first. */
  readonly said: readonly Said[];
  readonly tools: readonly Tool[];
  readonly model: string;
  /** Events as they come; otherwise one document at the end. */
  readonly stream: boolean;
}
export interface Tool {
  readonly name: string;
  readonly properties: Readonly<Record<string, { readonly type?: string }>>;
}

/** What it answers. `wait` begins to speak and goes on until nobody listens any more. */
export type Step =
  | { readonly kind: 'call'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'say' | 'wait'; readonly text: string };

/** One event of the stream; the name is null where the protocol has none. */
export interface ModelEvent {
  readonly name: string | null;
  readonly data: unknown;
}

/** One protocol for models: how it is asked, and how it answers. */
export interface Dialect {
  readonly path: RegExp;
  readonly read: (body: Json) => Turn;
  /** The events of an answer, those after which the text of a `wait` stands still marked by where they are cut. */
  readonly events: (turn: Turn, step: Step, number: number) => { begin: ModelEvent[]; end: ModelEvent[] };
  readonly document: (turn: Turn, step: Step, number: number) => unknown;
}

type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function toolOf(name: unknown, schema: unknown): Tool {
  return { name: String(name), properties: record(record(schema)['properties']) as Tool['properties'] };
}

const common = (body: Json) => ({
  model: String(body['model'] ?? 'scripted'),
  stream: body['stream'] === true,
});

/** OpenAI, POST …/responses. */
const responses: Dialect = {
  path: /\/responses$/,
  read(body) {
    const items =
      typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : list(body['input']);
    return {
      ...common(body),
      said: items.flatMap((item: Json): Said[] => {
        if (item['role'] === 'user') return [{ prompt: textOf(item['content']) }];
        return item['type'] === 'function_call_output' ? [{ result: true }] : [];
      }),
      tools: list(body['tools']).map((tool) => toolOf(tool['name'], tool['parameters'])),
    };
  },
  events(turn, step, number) {
    const item = responsesItem(step, number);
    let sequence = 0;
    const event = (type: string, facts: object): ModelEvent => {
      sequence += 1;
      return { name: type, data: { type, sequence_number: sequence - 1, ...facts } };
    };
    const unfinished = {
      ...(responses.document(turn, step, number) as object),
      status: 'in_progress',
      output: [],
      usage: null,
    };
    const begin = [
      event('response.created', { response: unfinished }),
      event('response.output_item.added', {
        output_index: 0,
        item: { ...item, status: 'in_progress', ...(step.kind === 'call' ? {} : { content: [] }) },
      }),
    ];
    if (step.kind !== 'call')
      begin.push(
        event('response.output_text.delta', {
          item_id: item['id'],
          output_index: 0,
          content_index: 0,
          delta: step.text,
        }),
      );
    const end = [
      event('response.output_item.done', { output_index: 0, item }),
      event('response.completed', { response: responses.document(turn, step, number) }),
    ];
    return { begin, end };
  },
  document: (turn, step, number) => ({
    id: `resp_${number}`,
    object: 'response',
    created_at: 1,
    model: turn.model,
    status: 'completed',
    output: [responsesItem(step, number)],
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    },
  }),
};

function responsesItem(step: Step, number: number): Json {
  if (step.kind === 'call')
    return {
      type: 'function_call',
      id: `fc_${number}`,
      call_id: `call_${number}`,
      name: step.tool,
      arguments: JSON.stringify(step.input),
      status: 'completed',
    };
  const content = [{ type: 'output_text', text: step.text, annotations: [] }];
  return { type: 'message', id: `msg_${number}`, role: 'assistant', status: 'completed', content };
}

/** OpenAI, POST …/chat/completions. */
const chat: Dialect = {
  path: /\/chat\/completions$/,
  read: (body) => ({
    ...common(body),
    said: list(body['messages']).flatMap((message): Said[] => {
      if (message['role'] === 'user') return [{ prompt: textOf(message['content']) }];
      return message['role'] === 'tool' ? [{ result: true }] : [];
    }),
    tools: list(body['tools']).map((tool) => {
      const made = record(tool['function']);
      return toolOf(made['name'], made['parameters']);
    }),
  }),
  events(turn, step, number) {
    const event = (delta: object, finish: string | null): ModelEvent => ({
      name: null,
      data: {
        id: `chat_${number}`,
        object: 'chat.completion.chunk',
        created: 1,
        model: turn.model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      },
    });
    const delta =
      step.kind === 'call'
        ? { tool_calls: [{ index: 0, ...chatCall(step, number) }] }
        : { content: step.text };
    return {
      begin: [event({ role: 'assistant', content: '' }, null), event(delta, null)],
      end: [event({}, step.kind === 'call' ? 'tool_calls' : 'stop'), { name: null, data: '[DONE]' }],
    };
  },
  document: (turn, step, number) => ({
    id: `chat_${number}`,
    object: 'chat.completion',
    created: 1,
    model: turn.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: step.kind === 'call' ? null : step.text,
          ...(step.kind === 'call' && { tool_calls: [chatCall(step, number)] }),
        },
        finish_reason: step.kind === 'call' ? 'tool_calls' : 'stop',
      },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  }),
};

function chatCall({ tool, input }: Step & { kind: 'call' }, number: number): Json {
  return {
    id: `call_${number}`,
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(input) },
  };
}

/** Anthropic, POST …/messages. */
const anthropic: Dialect = {
  path: /\/messages$/,
  read: (body) => ({
    ...common(body),
    said: list(body['messages']).flatMap((message): Said[] => {
      if (message['role'] !== 'user') return [];
      if (typeof message['content'] === 'string') return [{ prompt: message['content'] }];
      return list(message['content']).map((part) =>
        part['type'] === 'tool_result' ? { result: true } : { prompt: textOf([part]) },
      );
    }),
    tools: list(body['tools']).map((tool) => toolOf(tool['name'], tool['input_schema'])),
  }),
  events(turn, step, number) {
    const event = (type: string, facts: object): ModelEvent => ({ name: type, data: { type, ...facts } });
    const message = anthropic.document(turn, step, number) as Json;
    const block =
      step.kind === 'call' ? { ...anthropicBlock(step, number), input: {} } : { type: 'text', text: '' };
    const delta =
      step.kind === 'call'
        ? { type: 'input_json_delta', partial_json: JSON.stringify(step.input) }
        : { type: 'text_delta', text: step.text };
    return {
      begin: [
        event('message_start', { message: { ...message, content: [], stop_reason: null } }),
        event('content_block_start', { index: 0, content_block: block }),
        event('content_block_delta', { index: 0, delta }),
      ],
      end: [
        event('content_block_stop', { index: 0 }),
        event('message_delta', {
          delta: { stop_reason: message['stop_reason'], stop_sequence: null },
          usage: { output_tokens: 5 },
        }),
        event('message_stop', {}),
      ],
    };
  },
  document: (turn, step, number) => ({
    id: `msg_${number}`,
    type: 'message',
    role: 'assistant',
    model: turn.model,
    content: [anthropicBlock(step, number)],
    stop_reason: step.kind === 'call' ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  }),
};

function anthropicBlock(step: Step, number: number): Json {
  if (step.kind === 'call')
    return { type: 'tool_use', id: `toolu_${number}`, name: step.tool, input: step.input };
  return { type: 'text', text: step.text };
}

export const dialects: readonly Dialect[] = [responses, chat, anthropic];
