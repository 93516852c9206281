/**
 * The way to log in by which an agent takes the key in one of its environment variables; null when it offers none.
 * Some agents use such a key only after `authenticate` with that way. The protocol has no field that says which
 * variable a way reads, so this goes by what agents write: an id such as `openai-api-key`, or the name of the variable
 * in the words beside it. Pure.
 * @param offered `authMethods`, as the agent sent them
 */
export function loginByKey(variable: string, offered: readonly unknown[]): string | null {
  const wanted = letters(variable);
  const ways = offered.flatMap(readWay);
  const found =
    ways.find(({ id }) => letters(id) === wanted) ??
    ways.find(({ words }) => words.includes(variable)) ??
    ways.find(({ name }) => letters(name).includes(wanted));
  return found?.id ?? null;
}

/** A way to log in as an agent offers it; nothing where it is none. */
function readWay(offer: unknown): { id: string; name: string; words: string }[] {
  if (typeof offer !== 'object' || offer === null) return [];
  const { id, name, description } = offer as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || id === '') return [];
  const title = typeof name === 'string' ? name : '';
  return [{ id, name: title, words: `${title} ${typeof description === 'string' ? description : ''}` }];
}

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
