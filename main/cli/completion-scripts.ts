/** A verb as the shells are told of it. */
export interface VerbNode {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly summary: string }[];
  readonly verbs: readonly VerbNode[];
}

/** Every verb with the words that lead to it, the program itself first with no word. Pure. */
export function allVerbs(
  node: VerbNode,
  path: readonly string[] = [],
): { path: readonly string[]; node: VerbNode }[] {
  return [{ path, node }, ...node.verbs.flatMap((verb) => allVerbs(verb, [...path, verb.name]))];
}

const words = (node: VerbNode): string =>
  [...node.verbs.map((verb) => verb.name), ...node.options.map((option) => option.flag), '--help'].join(' ');

/** Walks the words that stand before the cursor and keeps those that name verbs. */
const casesOf = (root: VerbNode): string =>
  allVerbs(root)
    .map(({ path, node }) => `    '${path.join(' ')}') candidates='${words(node)}' ;;`)
    .join('\n');

const pathsOf = (root: VerbNode): string =>
  allVerbs(root)
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.join(' ')}'`)
    .join('|');

export function bashCompletion(root: VerbNode): string {
  return `# signalbox, for bash: eval "$(signalbox completions bash)"
_signalbox() {
  local at='' candidates='' next word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
      ${pathsOf(root)}) at="$next" ;;
    esac
  done
  case "$at" in
${casesOf(root)}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _signalbox signalbox
`;
}

export function zshCompletion(root: VerbNode): string {
  return `#compdef signalbox
# signalbox, for zsh: eval "$(signalbox completions zsh)"
_signalbox() {
  local at='' candidates='' next word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    next="\${at:+$at }$word"
    case "$next" in
      ${pathsOf(root)}) at="$next" ;;
    esac
  done
  case "$at" in
${casesOf(root)}
  esac
  compadd -- \${=candidates}
  _files
}
compdef _signalbox signalbox
`;
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export function fishCompletion(root: VerbNode): string {
  const lines = allVerbs(root).flatMap(({ path, node }) => {
    const here = `-n ${quoted(`__signalbox_at ${path.join(' ')}`.trim())}`;
    return [
      ...node.verbs.map(
        (verb) => `complete -c signalbox ${here} -f -a ${quoted(verb.name)} -d ${quoted(verb.summary)}`,
      ),
      ...node.options.map(
        (option) =>
          `complete -c signalbox ${here} -l ${quoted(option.flag.replace(/^--/, ''))} -d ${quoted(option.summary)}`,
      ),
    ];
  });
  return `# signalbox, for fish: signalbox completions fish | source
function __signalbox_at
    set -l at
    for word in (commandline -opc)[2..]
        string match -q -- '-*' $word; and continue
        contains -- (string join ' ' $at $word) ${allVerbs(root)
          .filter(({ path }) => path.length > 0)
          .map(({ path }) => quoted(path.join(' ')))
          .join(' ')}
        and set -a at $word
    end
    test "$at" = "$argv"
end
${lines.join('\n')}
`;
}
