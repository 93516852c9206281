export interface TextFinder {
  /** Adds a string of at least the shortest length; the same string twice counts once. Returns its number. */
  add(value: string): number;
  /** Calls back for every occurrence of every string, in the order of the places. Overlaps included. */
  each(text: string, found: (id: number, at: number) => void): void;
}

const SMALL_BITS = 12;
const LARGE_BITS = 20;
const LARGE_FROM = 400;

/**
 * Finds many fixed strings in one pass (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994): the block
 * of characters at the end of the window says how far no string can begin. Its time depends on the text and hardly on
 * the number of strings.
 */
export function createTextFinder(shortest: number): TextFinder {
  const block = shortest >= 8 ? 4 : shortest >= 4 ? 3 : 2;
  const reach = shortest - block;
  const values: string[] = [];
  const firsts: number[] = [];
  const numbers = new Map<string, number>();
  let next: number[] = [];
  let bits = SMALL_BITS;
  let shifts = new Uint8Array(0);
  let heads = new Int32Array(0);

  const hash = (text: string, at: number): number => {
    let mixed = text.charCodeAt(at);
    for (let index = 1; index < block; index += 1)
      mixed = Math.imul(mixed, 0x9e3b) + text.charCodeAt(at + index);
    return Math.imul(mixed, 0x9e3779b1) >>> (32 - bits);
  };
  const enter = (value: string, id: number): void => {
    for (let index = 0; index <= reach; index += 1) {
      const slot = hash(value, index);
      shifts[slot] = Math.min(shifts[slot] ?? 0, reach - index);
    }
    const slot = hash(value, reach);
    next[id] = heads[slot] ?? -1;
    heads[slot] = id;
  };
  const clear = (): void => {
    shifts = new Uint8Array(2 ** bits).fill(reach + 1);
    heads = new Int32Array(2 ** bits).fill(-1);
    next = [];
    for (const [id, value] of values.entries()) enter(value, id);
  };
  clear();

  return {
    add(value) {
      if (value.length < shortest) throw new RangeError(`a string to find needs ${shortest} characters`);
      const known = numbers.get(value);
      if (known !== undefined) return known;
      const id = values.push(value) - 1;
      firsts.push(value.charCodeAt(0));
      numbers.set(value, id);
      if (bits === SMALL_BITS && values.length > LARGE_FROM) {
        bits = LARGE_BITS;
        clear();
      } else enter(value, id);
      return id;
    },
    each(text, found) {
      if (values.length === 0) return;
      const last = text.length - shortest;
      let at = 0;
      while (at <= last) {
        const slot = hash(text, at + reach);
        const shift = shifts[slot] ?? 1;
        if (shift > 0) {
          at += shift;
          continue;
        }
        const first = text.charCodeAt(at);
        for (let id = heads[slot] ?? -1; id >= 0; id = next[id] ?? -1) {
          if (firsts[id] === first && text.startsWith(values[id] ?? '', at)) found(id, at);
        }
        at += 1;
      }
    },
  };
}
