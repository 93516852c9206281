const MAX_DEPTH = 32;

/** A JSON-like value with every text passed through `leaf`; keys are kept. What lies too deep is replaced as a whole. */
export function mapStrings(value: unknown, leaf: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return leaf(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, leaf, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapStrings(item, leaf, depth + 1)]),
  );
}
