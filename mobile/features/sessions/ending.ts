import type { Texts } from '../../texts/t.ts';

function isKeyOf<T extends object>(table: T, key: string): key is string & keyof T {
  return Object.hasOwn(table, key);
}

/** How a session ended, in words; `end_turn` is how every agent ends that has nothing to add. */
export function endingOf({ detail, state }: { state: string; detail: string }, texts: Texts): string {
  const { ended, stopped } = texts.session;
  if (isKeyOf(stopped, detail)) return stopped[detail];
  const said = isKeyOf(ended, state) ? ended[state] : state;
  const told = state === 'done' || state === 'truncated' || detail === '';
  return told ? said : `${said.replace(/\.$/, '')}: ${detail}`;
}
