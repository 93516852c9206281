import type { Cost, SessionConfigOption, SessionModeState } from '@agentclientprotocol/sdk';

/** What an agent says of a session beside its conversation, as it comes in the protocol. What is left out stays. */
export interface AgentReport {
  /** `modes` of an answer to session/new, session/load or session/resume. */
  readonly modes?: SessionModeState | null | undefined;
  /** `currentModeId` of an update. */
  readonly currentModeId?: string | undefined;
  /** `configOptions` of an answer or an update: always the whole list. */
  readonly configOptions?: readonly SessionConfigOption[] | null | undefined;
  /** An update of the context window, and what the session has cost so far. */
  readonly context?: {
    readonly used: number;
    readonly size: number;
    readonly cost?: Cost | null | undefined;
  };
  /** What the session has used so far, from the answer to a prompt. */
  readonly tokens?: {
    readonly inputTokens?: number | null | undefined;
    readonly outputTokens?: number | null | undefined;
    readonly cachedReadTokens?: number | null | undefined;
    readonly totalTokens?: number | null | undefined;
  };
  readonly title?: string | null | undefined;
}
