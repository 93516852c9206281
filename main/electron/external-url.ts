/**
 * The address that may be handed to the browser, or null. Only https, with a host that a person can read: no name and
 * password in front of it, no other port, nothing that another program would start from.
 */
export function externalUrl(raw: string): { href: string; host: string } | null {
  if (raw.length > 2048 || !/^https:\/\/[\x21-\x7e]+$/.test(raw) || raw.includes('\\')) return null;
  if (!URL.canParse(raw)) return null;
  const url = new URL(raw);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '') return null;
  return url.hostname === '' ? null : { href: url.href, host: url.hostname };
}
