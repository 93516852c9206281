import type { HostClient } from '../../../contract/client.ts';
import type { InputOf } from '../../../contract/commands.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { ActionRun } from '../../../contract/predefined.ts';

/** Letters that are kept of what was printed: the newest. */
const MOST_LETTERS = 200_000;
const PIECE_BYTES = 131_072;
const WAIT_MS = 20_000;

/** A part of what was printed. */
export interface Piece {
  /** Bytes before it that are not here: the host did not keep them, or the screen does not. */
  readonly missing: number;
  readonly text: string;
}

export interface RunView {
  readonly run: ActionRun;
  readonly pieces: readonly Piece[];
  readonly error: WireError | null;
}

export function isGoingOn({ state }: ActionRun): boolean {
  return state === 'waiting' || state === 'running';
}

/** Puts the next answer behind the pieces, and keeps the newest letters. Pure. */
export function append(pieces: readonly Piece[], text: string, missing: number): Piece[] {
  const last = pieces.at(-1);
  const joined =
    last && missing === 0
      ? [...pieces.slice(0, -1), { ...last, text: last.text + text }]
      : [...pieces, { missing, text }];
  let over = joined.reduce((sum, piece) => sum + piece.text.length, 0) - MOST_LETTERS;
  let dropped = 0;
  while (over > 0) {
    const first = joined[0];
    if (!first) break;
    const cut = Math.min(over, first.text.length);
    dropped += first.missing + new TextEncoder().encode(first.text.slice(0, cut)).length;
    over -= cut;
    if (cut === first.text.length && joined.length > 1) joined.shift();
    else joined[0] = { missing: 0, text: first.text.slice(cut) };
  }
  const [first, ...rest] = joined;
  return first && dropped > 0 ? [{ ...first, missing: first.missing + dropped }, ...rest] : joined;
}

export interface RunOutputDeps {
  readonly client: Pick<HostClient, 'call'>;
  readonly changed: (view: RunView) => void;
  /** Between two answers, so that a screen is drawn in between. */
  readonly pause: () => Promise<void>;
}

/**
 * Reads what a run prints, from its beginning, until it is over and all was read, or it cannot be read.
 * @returns ends it
 */
export function followRun(first: ActionRun, { client, changed, pause }: RunOutputDeps): () => void {
  let isClosed = false;
  const closed = () => isClosed;

  async function follow(): Promise<void> {
    let view: RunView = { run: first, pieces: [], error: null };
    let offset = 0;
    let isAtEnd = false;
    while (!closed()) {
      const input: InputOf<'tasks.readActionOutput'> = {
        ...{ runId: first.id, offset, maxBytes: PIECE_BYTES },
        ...(isAtEnd && { wait: { state: view.run.state, ms: WAIT_MS } }),
      };
      const answer = await client.call('tasks.readActionOutput', input);
      if (closed()) return;
      if (!answer.ok) {
        changed({ ...view, error: answer.error });
        return;
      }
      const { run, text, nextOffset, end } = answer.value;
      const missing = answer.value.offset - offset;
      view = { run, pieces: text === '' ? view.pieces : append(view.pieces, text, missing), error: null };
      offset = nextOffset;
      isAtEnd = nextOffset >= end;
      changed(view);
      if (isAtEnd && !isGoingOn(run)) return;
      await pause();
    }
  }

  void follow();
  return () => {
    isClosed = true;
  };
}
