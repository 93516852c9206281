import type { AgentLink } from './agent-link.ts';
import type { Conversation } from './conversation.ts';
import type { SessionLog } from './session-log.ts';
import type { ReportedTokens } from './usage-meter.ts';

/** How far a run has come. */
export interface Standing {
  /** The agent has answered the whole of what it was told. */
  answered: boolean;
  /** Nothing more can be said to the agent. */
  over: boolean;
  turns: number;
}

interface TurnsDeps {
  readonly at: Standing;
  /** What is said next; taken from here. */
  readonly steers: string[];
  readonly timeline: SessionLog;
  readonly hooks: { delivering(): void };
  readonly assertWanted: () => void;
  readonly used: (tokens: ReportedTokens) => void;
}

/** Prompts until nothing more is to be said; answers why the agent stopped the last time. */
export async function leadTurns(
  { at, steers, timeline, hooks, assertWanted, used }: TurnsDeps,
  text: string,
  link: AgentLink,
  spoken: Conversation,
): Promise<string> {
  let texts = [text];
  // The first words are on the timeline since the session was opened.
  for (let shown = 1; ; shown = 0) {
    assertWanted();
    texts.push(...steers.splice(0));
    for (const one of texts.slice(shown)) timeline.append({ kind: 'user', text: one });
    hooks.delivering();
    at.turns += 1;
    const { stopReason, tokens } = await link.prompt(texts);
    texts = steers.splice(0);
    at.answered = at.over = texts.length === 0;
    if (tokens !== null) used(tokens);
    timeline.flush();
    if (at.over) return stopReason;
    await spoken.endTurn('the task was steered');
    spoken.beginTurn();
  }
}
