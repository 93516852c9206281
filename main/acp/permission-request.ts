import * as z from 'zod';
import type { PermissionOption, ToolCallContent, ToolCallUpdate } from '@agentclientprotocol/sdk';

const Kind = z.enum([
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
]);
const Status = z.enum(['pending', 'in_progress', 'completed', 'failed']);
const Words = z.string().max(1_000_000);
const DiffPart = z.object({
  type: z.literal('diff'),
  path: z.string().max(4096),
  oldText: z.string().nullish(),
  newText: z.string(),
});
const TextPart = z.object({
  type: z.literal('content'),
  content: z.object({ type: z.literal('text'), text: z.string() }),
});

/** A tool call as an agent of version 1 or 2 reports it. What this host cannot use is left out, not refused. */
const ToolCall = z.object({
  toolCallId: z.string().max(1024),
  kind: Kind.nullish().catch('other'),
  status: Status.nullish().catch(null),
  title: Words.nullish(),
  name: Words.nullish().catch(null),
  content: z.array(z.unknown()).max(1000).nullish(),
  locations: z
    .array(z.object({ path: z.string().max(4096) }))
    .max(1000)
    .nullish(),
  rawInput: z.unknown().optional(),
});

const Options = z
  .array(
    z.object({
      optionId: z.string().max(1024),
      name: z.string().max(4096),
      kind: z.enum(['allow_once', 'allow_always', 'reject_once', 'reject_always']),
    }),
  )
  .max(64);

const Request = z.object({
  sessionId: z.string().max(1024),
  /** Version 1. */
  toolCall: ToolCall.optional(),
  /** Version 2, which also puts other things up for leave than tool calls. */
  title: Words.nullish(),
  subject: z
    .union([
      z.object({ type: z.literal('tool_call'), toolCall: ToolCall }),
      z.object({
        type: z.literal('command'),
        command: z.string().max(16_384),
        cwd: z.string().max(4096).nullish(),
      }),
    ])
    .nullish()
    .catch(null),
  options: z.array(z.unknown()),
});

export interface PermissionQuestion {
  readonly sessionId: string;
  readonly toolCall: ToolCallUpdate;
  readonly options: readonly PermissionOption[];
}

/**
 * Reads the parameters of `session/request_permission`, of version 1 and 2. Null when they are not understood: then
 * nobody can say what is asked.
 */
export function readPermissionRequest(params: unknown): PermissionQuestion | null {
  const read = Request.safeParse(params);
  if (!read.success) return null;
  const { sessionId, subject, title } = read.data;
  // An option of a kind that is not known is none that this host would choose.
  const options = read.data.options.flatMap((option) => {
    const one = Options.safeParse([option]);
    return one.success ? one.data : [];
  });
  if (read.data.toolCall) return { sessionId, toolCall: reported(read.data.toolCall), options };
  if (subject?.type === 'tool_call') return { sessionId, toolCall: reported(subject.toolCall), options };
  const command = subject?.type === 'command' ? subject : null;
  const toolCall: ToolCallUpdate = {
    toolCallId: '',
    title: title ?? command?.command ?? '',
    kind: command ? 'execute' : 'other',
    ...(command && { rawInput: { command: command.command, cwd: command.cwd ?? undefined } }),
  };
  return { sessionId, toolCall, options };
}

/** Reads `session/update`: the tool call that it reports; null for every other update. */
export function readToolCallReport(params: unknown): { sessionId: string; report: ToolCallUpdate } | null {
  const read = z
    .object({
      sessionId: z.string(),
      update: z.looseObject({ sessionUpdate: z.enum(['tool_call', 'tool_call_update']) }),
    })
    .safeParse(params);
  if (!read.success) return null;
  const call = ToolCall.safeParse(read.data.update);
  return call.success ? { sessionId: read.data.sessionId, report: reported(call.data) } : null;
}

function reported(call: z.infer<typeof ToolCall>): ToolCallUpdate {
  const content = call.content?.flatMap((part): ToolCallContent[] => {
    const diff = DiffPart.safeParse(part);
    if (diff.success) return [{ ...diff.data, oldText: diff.data.oldText ?? null }];
    const text = TextPart.safeParse(part);
    return text.success ? [text.data] : [];
  });
  return {
    toolCallId: call.toolCallId,
    kind: call.kind ?? null,
    status: call.status ?? null,
    title: call.title ?? null,
    name: call.name ?? null,
    locations: call.locations ?? null,
    rawInput: call.rawInput,
    content: content ?? null,
  };
}
