import type { ToolCall, ToolCallStatus, ToolCallUpdate } from '@agentclientprotocol/sdk';
import type { ToolCallFacts } from './tool-action.ts';

const MAX_CALLS = 10_000;

export interface KnownCall extends ToolCallFacts {
  readonly status: ToolCallStatus;
  readonly rawOutput: unknown;
}

/** Tool calls as an agent reports them bit by bit; each report lies over the earlier ones. */
export interface ToolCalls {
  /** The state that was reported last; null for a call that is not known. */
  stateOf(toolCallId: string): ToolCallStatus | null;
  /** Takes in a report and gives back the whole. */
  merge(report: ToolCall | ToolCallUpdate): KnownCall;
  /** Nothing more is expected of this call. */
  forget(toolCallId: string): void;
}

export function createToolCalls(): ToolCalls {
  const calls = new Map<string, KnownCall>();
  const reported = new Map<string, ToolCallStatus>();
  return {
    stateOf: (toolCallId) => reported.get(toolCallId) ?? null,
    forget(toolCallId) {
      calls.delete(toolCallId);
      reported.delete(toolCallId);
    },
    merge(report) {
      const known = calls.get(report.toolCallId);
      const call = overlay(known, report);
      if (known || calls.size < MAX_CALLS) {
        // A request for leave also describes the call, but is no report of its state, and its words are no output.
        const asks = report.status === null;
        const kept = asks
          ? (known?.content ?? call.content.filter((part) => part.type === 'diff'))
          : call.content;
        calls.set(report.toolCallId, { ...call, content: kept });
        if (!asks) reported.set(report.toolCallId, call.status);
      }
      return call;
    },
  };
}

function overlay(known: KnownCall | undefined, report: ToolCall | ToolCallUpdate): KnownCall {
  const latest = <T>(reported: T | null | undefined, earlier: T | undefined, first: T): T =>
    reported ?? earlier ?? first;
  return {
    toolCallId: report.toolCallId,
    kind: latest(report.kind, known?.kind, 'other'),
    title: latest(report.title, known?.title, ''),
    name: report.name ?? known?.name ?? null,
    content: latest(report.content, known?.content, []),
    locations: latest(report.locations, known?.locations, []),
    rawInput: report.rawInput ?? known?.rawInput ?? null,
    status: latest(report.status, known?.status, 'pending'),
    rawOutput: report.rawOutput ?? known?.rawOutput ?? null,
  };
}
