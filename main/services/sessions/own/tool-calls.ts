import type { OwnEntry } from './own-session.ts';

const MAX_OPEN = 256;

interface Call {
  readonly title: string;
  readonly kind: string;
  readonly paths: readonly string[];
}

/** Tool calls that have begun: their ends name them by id alone. */
export interface Calls {
  begin(id: string, call: Call): OwnEntry['entry'][];
  end(id: string, output: string, failed: boolean): OwnEntry['entry'][];
  /** Of a call that has not ended. */
  kindOf(id: string): string | null;
  copy(): Calls;
}

export function createCalls(open: ReadonlyMap<string, Call> = new Map()): Calls {
  const calls = new Map(open);
  const entry = (
    toolCallId: string,
    { title, kind, paths }: Call,
    state: 'in_progress' | 'completed' | 'failed',
    output: string,
  ): OwnEntry['entry'] => ({
    kind: 'tool',
    toolCallId,
    title,
    toolKind: kind,
    state,
    paths: [...paths],
    output,
  });
  return {
    begin(id, call) {
      // A call that never ends must not keep others from being known.
      const oldest = calls.keys().next();
      if (calls.size >= MAX_OPEN && !oldest.done) calls.delete(oldest.value);
      calls.set(id, call);
      return [entry(id, call, 'in_progress', '')];
    },
    end(id, output, failed) {
      const call = calls.get(id) ?? { title: id, kind: 'other', paths: [] };
      calls.delete(id);
      return [entry(id, call, failed ? 'failed' : 'completed', output)];
    },
    kindOf: (id) => calls.get(id)?.kind ?? null,
    copy: () => createCalls(calls),
  };
}
