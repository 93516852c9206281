/**
 * Text that others had a say in, as one short line of a menu: no control or invisible characters, and no `&`, which
 * would mark a key.
 */
export function plainLabel(text: string, maxLength = 60): string {
  const plain = text
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...plain];
  const short = characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join('')}…` : plain;
  return short.replaceAll('&', '&&');
}
