const compiled = new Map<string, RegExp>();
const MAX_COMPILED = 2000;

/**
 * Globs over workspace-relative paths with "/": "**" any folders, "*" and "?" within one segment; nothing else is
 * special. Without case, because a rule must hold on volumes that ignore it.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const known = compiled.get(glob);
  const pattern = known ?? compile(glob);
  if (!known) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(glob, pattern);
  }
  return pattern.test(path.normalize('NFKC'));
}

function compile(glob: string): RegExp {
  const source = glob
    .normalize('NFKC')
    .split('/')
    .map((segment, index, all) => {
      if (segment === '**') return index === all.length - 1 ? '.*' : '(?:[^/]+/)*';
      const text = segment
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replace(/\*+/g, '[^/]*')
        .replace(/\?/g, '[^/]');
      return index === all.length - 1 ? text : `${text}/`;
    })
    .join('');
  return new RegExp(`^${source}$`, 'i');
}
