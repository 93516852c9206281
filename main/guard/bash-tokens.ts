import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Node, Parser } from 'web-tree-sitter';

export type Tokens = { ok: true; argv: string[] } | { ok: false; reason: string };

const maximumLength = 8192;
const require = createRequire(import.meta.url);
let parser: Promise<Parser> | undefined;

/**
 * Strict acceptor for one simple shell command: literal words and quotes, nothing the shell would expand, redirect,
 * chain or assign. The words that come out are executed as they are; no shell sees the text. Everything else is
 * refused with what was found. The grammar (1.4 MB of WebAssembly) is loaded at the first call.
 */
export async function tokenise(text: string): Promise<Tokens> {
  const refuse = (reason: string): Tokens => ({ ok: false, reason });
  if (text.length > maximumLength) return refuse(`the command is longer than ${maximumLength} characters`);
  if (!/^[\x20-\x7e]*$/.test(text))
    return refuse('the command contains a character that is not printable ASCII');
  const command = text.trim();
  if (command === '') return refuse('the command is empty');
  parser ??= load();
  const tree = (await parser).parse(command);
  if (tree === null) return refuse('the command could not be parsed');
  try {
    return readProgram(tree.rootNode, command);
  } finally {
    tree.delete();
  }
}

async function load(): Promise<Parser> {
  const { Language, Parser: TreeParser } = await import('web-tree-sitter');
  await TreeParser.init({
    wasmBinary: await readFile(require.resolve('web-tree-sitter/web-tree-sitter.wasm')),
  });
  const bash = await Language.load(await readFile(require.resolve('tree-sitter-bash/tree-sitter-bash.wasm')));
  const loaded = new TreeParser();
  loaded.setLanguage(bash);
  return loaded;
}

function readProgram(program: Node, text: string): Tokens {
  const refuse = (reason: string): Tokens => ({ ok: false, reason });
  if (program.hasError) return refuse('the command is not valid shell syntax');
  const [command, second] = program.children;
  if (!command) return refuse('the command is empty');
  if (command.type !== 'command')
    return refuse(`${describe(command.type)} is not allowed; give one simple command`);
  if (second || command.startIndex !== 0 || command.endIndex !== text.length) {
    return refuse(`${describe(second?.type ?? 'text')} after the command is not allowed`);
  }
  const argv: string[] = [];
  let end = 0;
  for (const child of command.children) {
    // What lies between two words must be blanks, or the grammar has skipped something.
    if (!/^ *$/.test(text.slice(end, child.startIndex)))
      return refuse('the command has text between its words');
    if (argv.length > 0 && child.startIndex === end) return refuse('the command has words that touch');
    const word = readWord(child.type === 'command_name' ? (child.children[0] ?? child) : child);
    if (typeof word !== 'string') return refuse(word.refused);
    argv.push(word);
    end = child.endIndex;
  }
  return { ok: true, argv };
}

function readWord(node: Node): string | { refused: string } {
  switch (node.type) {
    case 'word':
    case 'number': {
      const special = /[*?[\]{}~!\\$`'"()<>|&;#]/.exec(node.text);
      if (special !== null && !(special[0] === '~' && isRevisionTilde(node.text))) {
        return { refused: `the unquoted character ${special[0]} is not allowed` };
      }
      return node.text;
    }
    case 'raw_string':
      return node.text.slice(1, -1);
    case 'string':
      return readString(node);
    case 'concatenation':
      return readConcatenation(node);
    default:
      return { refused: `${describe(node.type)} is not allowed` };
  }
}

/** `HEAD~2` is the one common word with a tilde; a tilde is expanded only at the start of a word or after `:` and `=`. */
function isRevisionTilde(word: string): boolean {
  return /^[A-Za-z0-9_./@^-]+(?:~\d*)+(?:\.{2,3}[A-Za-z0-9_./@~^-]*)?$/.test(word) && !/[.]~/.test(word);
}

function readString(node: Node): string | { refused: string } {
  const inner = node.children.slice(1, -1);
  if (inner.some((part) => part.type !== 'string_content')) {
    return { refused: 'an expansion inside double quotes is not allowed' };
  }
  const content = node.text.slice(1, -1);
  if (/[\\$`"]/.test(content))
    return { refused: 'an escape inside double quotes is not allowed; use single quotes' };
  return content;
}

function readConcatenation(node: Node): string | { refused: string } {
  let text = '';
  let end = node.startIndex;
  for (const part of node.children) {
    if (part.startIndex !== end) return { refused: 'the command has a gap inside a word' };
    const piece = readWord(part);
    if (typeof piece !== 'string') return piece;
    text += piece;
    end = part.endIndex;
  }
  return end === node.endIndex ? text : { refused: 'the command has a gap inside a word' };
}

const describe = (type: string): string => `shell syntax (${type.replaceAll('_', ' ')})`;
