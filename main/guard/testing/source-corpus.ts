import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MODULES = 'node_modules';
const SOURCE = /\.(?:[cm]?[jt]s|md|json)$/;
const MAX_FILE = 512 * 1024;

/** Files that hold values in the form of real secrets on purpose, and why. By name only. */
const EXCEPTIONS: readonly { readonly name: RegExp; readonly reason: string }[] = [
  { name: /^@secretlint\//, reason: 'a scanner like ours: its texts and tests quote secrets of every kind' },
];

/** Source as it is published, in an order that does not depend on the machine; each text once. */
export function sourceCorpus(wanted: number): {
  files: { name: string; text: string }[];
  characters: number;
} {
  const files: { name: string; text: string }[] = [];
  const seen = new Set<string>();
  let characters = 0;
  for (const name of sourceFiles('')) {
    if (characters >= wanted) break;
    if (EXCEPTIONS.some((exception) => exception.name.test(name))) continue;
    const text = readFileSync(join(MODULES, name), 'utf8');
    if (seen.has(text)) continue;
    seen.add(text);
    files.push({ name, text });
    characters += text.length;
  }
  return { files, characters };
}

function* sourceFiles(folder: string): Generator<string> {
  const entries = readdirSync(join(MODULES, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    // Caches and links are not of the packages.
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* sourceFiles(name);
    else if (entry.isFile() && SOURCE.test(name) && statSync(join(MODULES, name)).size <= MAX_FILE)
      yield name;
  }
}
