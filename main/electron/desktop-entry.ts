/**
 * An autostart entry of the freedesktop.org specification.
 * @param argv the program and its arguments; quoted by the rules of that specification
 */
export function desktopEntry(name: string, argv: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.0',
    `Name=${name}`,
    `Exec=${argv.map(quote).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** First the quoting of the Exec key, then that of any string value: a backslash is doubled twice. */
function quote(arg: string): string {
  if (/[\n\r\0]/.test(arg)) throw new RangeError('an argument of a desktop entry is one line');
  const quoted = `"${arg.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`;
  return quoted.replaceAll('\\', '\\\\');
}
