/** One line of the palette. */
export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  /** Where it belongs: shown after the title and searched as well. */
  readonly group: string;
  run(): void;
}

/** Entries in which every typed word begins some word; those whose title begins with the text come first. */
export function matching(entries: readonly PaletteEntry[], typed: string): PaletteEntry[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter((entry) => {
    const words = `${entry.title} ${entry.group}`.toLowerCase().split(/[\s:,.…]+/);
    return wanted.every((part) => words.some((word) => word.startsWith(part)));
  });
  const first = typed.trim().toLowerCase();
  const rank = (entry: PaletteEntry) => (first !== '' && entry.title.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}
