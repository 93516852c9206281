/** What the demo agent understood of a prompt. It has no model: these few forms are all it knows. */
export type Instruction =
  | { readonly kind: 'replace'; readonly path: string; readonly from: string; readonly to: string }
  | { readonly kind: 'append'; readonly path: string; readonly line: string }
  | { readonly kind: 'create'; readonly path: string; readonly content: string }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'run'; readonly argv: readonly string[] }
  /** Nothing above fits: add a dated note, to the file that the prompt names or to NOTES.md. */
  | { readonly kind: 'note'; readonly path: string | null };

const PATH = String.raw`["'\u0060]?((?:\.\.?/)*\.?[\w@+](?:[\w./@+-]*[\w@+])?)["'\u0060]?`;
const ANY = String.raw`([\s\S]+?)`;

const FORMS: readonly (readonly [RegExp, (found: RegExpExecArray) => Instruction])[] = [
  [
    new RegExp(`\\bin ${PATH},? replace ${ANY} (?:with|by) ${ANY}\\s*$`, 'i'),
    (m) => ({ kind: 'replace', path: part(m, 1), from: unquote(part(m, 2)), to: unquote(part(m, 3)) }),
  ],
  [
    new RegExp(`\\breplace ${ANY} (?:with|by) ${ANY} in ${PATH}\\s*[.!]?\\s*$`, 'i'),
    (m) => ({ kind: 'replace', from: unquote(part(m, 1)), to: unquote(part(m, 2)), path: part(m, 3) }),
  ],
  [
    new RegExp(
      `\\b(?:append|add)(?: the)?(?: (?:line|text))? ${ANY} to (?:the )?(?:end of )?${PATH}\\s*[.!]?\\s*$`,
      'i',
    ),
    (m) => ({ kind: 'append', line: unquote(part(m, 1)), path: part(m, 2) }),
  ],
  [
    new RegExp(
      `\\b(?:create|write)(?: a| the)?(?: new)?(?: file)? ${PATH} (?:with|containing|saying)(?: the)?(?: (?:text|content|line))? ${ANY}\\s*$`,
      'i',
    ),
    (m) => ({ kind: 'create', path: part(m, 1), content: unquote(part(m, 2)) }),
  ],
  [
    new RegExp(
      `^\\s*(?:please )?(?:read|show|print|summari[sz]e|explain) (?:the file )?${PATH}\\s*[.!?]?\\s*$`,
      'i',
    ),
    (m) => ({ kind: 'read', path: part(m, 1) }),
  ],
  [/^\s*(?:please )?run:?\s+([\s\S]+?)\s*$/i, (m) => ({ kind: 'run', argv: words(unquote(part(m, 1))) })],
];

/**
 * Reads one prompt. Deterministic, and documented as what the demo agent can do:
 * `in FILE replace X with Y` · `replace X with Y in FILE` · `append the line X to FILE` · `create FILE with X` ·
 * `read FILE` · `run PROGRAM ARGS` · anything else adds a dated note. Quotes around X and Y are taken off.
 */
export function readInstruction(prompt: string): Instruction {
  const text = prompt.trim();
  for (const [form, build] of FORMS) {
    const found = form.exec(text);
    if (found) return build(found);
  }
  return { kind: 'note', path: namedFile(text) };
}

/** The first word that looks like a file with an ending. */
function namedFile(text: string): string | null {
  return (
    /(?:^|[\s"'`(])((?:[\w@+-]+\/)*[\w@+-]+\.[A-Za-z][\w]{0,9})(?=$|[\s"'`),.;:!?])/.exec(text)?.[1] ?? null
  );
}

function part(found: RegExpExecArray, index: number): string {
  return found[index] ?? '';
}

function unquote(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(["'`])([\s\S]*)\1[.!]?$/.exec(trimmed) ?? /^\u201c([\s\S]*)\u201d[.!]?$/.exec(trimmed);
  return quoted ? (quoted[2] ?? quoted[1] ?? '') : trimmed;
}

/** Splits at white space and takes quotes off. No shell reads this, so nothing else has a meaning. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '');
}

/**
 * The new content of the file, or why there is none. `date` is YYYY-MM-DD.
 * @param old the present content; null when there is no such file
 */
export function editedContent(
  instruction: Extract<Instruction, { kind: 'replace' | 'append' | 'create' | 'note' }>,
  old: string | null,
  context: { date: string; prompt: string },
): { content: string } | { problem: string } {
  switch (instruction.kind) {
    case 'replace':
      if (old === null) return { problem: `${instruction.path} does not exist` };
      if (!old.includes(instruction.from))
        return { problem: `"${instruction.from}" is not in ${instruction.path}` };
      return { content: old.replaceAll(instruction.from, () => instruction.to) };
    case 'append':
      return { content: withLine(old, instruction.line) };
    case 'create':
      if (old !== null) return { problem: `${instruction.path} exists already` };
      return { content: withLine(null, instruction.content) };
    case 'note':
      return { content: withLine(old, `- ${context.date}: ${firstLine(context.prompt)}`) };
  }
}

function withLine(old: string | null, line: string): string {
  const before = old ?? '';
  return `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`;
}

function firstLine(text: string): string {
  return (text.trim().split('\n', 1)[0] ?? '').slice(0, 120);
}
