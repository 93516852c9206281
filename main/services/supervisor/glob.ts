/**
 * A test for paths relative to a folder, with `/` between the parts. `*` and `?` stay inside one part, `**` spans any
 * number of them, `{a,b}` is either, `[abc]` one of them. A pattern without a slash fits the last part in any folder,
 * as in .gitignore; a leading `./` or `/` means the folder itself, a trailing `/` everything below. Pure.
 */
export function globTest(pattern: string): (path: string) => boolean {
  const fromRoot = /^(?:\.\/|\/)/.test(pattern);
  const bare = pattern.replace(/^(?:\.\/|\/)+/, '').replace(/\/$/, '/**');
  const anywhere = !fromRoot && !bare.replace(/\/\*\*$/, '').includes('/');
  const source = `^${anywhere ? '(?:.*/)?' : ''}${toSource(bare)}$`;
  let test: RegExp;
  try {
    test = new RegExp(source, 's');
  } catch {
    // A range like [z-a]: taken as it is written.
    return (path) => path === pattern || path.endsWith(`/${pattern}`);
  }
  return (path) => test.test(path);
}

function toSource(glob: string): string {
  let source = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at += 1) {
    const rest = glob.slice(at);
    const char = rest.charAt(0);
    const range = /^\[(!?)([^\]/]+)\]/.exec(rest);
    if (rest.startsWith('**/')) {
      source += '(?:.*/)?';
      at += 2;
    } else if (rest.startsWith('/**') && rest.length === 3) {
      source += '(?:/.*)?';
      at += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      at += 1;
    } else if (range) {
      source += `[${range[1] === '!' ? '^' : ''}${(range[2] ?? '').replace(/[\\^]/g, '\\$&')}]`;
      at += range[0].length - 1;
    } else if (char === '{' && rest.includes('}')) {
      source += '(?:';
      depth += 1;
    } else if (char === '}' && depth > 0) {
      source += ')';
      depth -= 1;
    } else if (char === ',' && depth > 0) source += '|';
    else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else source += char.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  }
  return source;
}
