/** `${NAME}`, `${NAME:-default}`, and `$$` for a dollar sign. */
const REFERENCE = /\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})/g;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts variables of the environment into a text. Pure.
 * @param missing is told the name of each variable that is not set and has no default
 */
export function substitute(text: string, env: Environment, missing: (name: string) => void): string {
  return text.replace(REFERENCE, (whole, name: string | undefined, fallback: string | undefined) => {
    if (name === undefined) return '$';
    const value = env[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback === undefined) missing(name);
    return fallback ?? whole;
  });
}

/** Names that a shell line refers to as `$NAME` or `${NAME…}`. The shell puts them in: its quoting stays intact. */
export function shellReferences(line: string): string[] {
  return [...line.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}
