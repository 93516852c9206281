import type { Rule } from '../../../contract/policy.ts';

function textOf(value: unknown): string {
  if (Array.isArray(value))
    return value.map((part) => (Array.isArray(part) ? part.join('|') : String(part))).join(' ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** What a rule speaks of, one condition a line as its file would name it, and when it ends. */
export function ruleLines({ expiresAt, when }: Rule): string[] {
  return Object.entries({ ...when, ...(expiresAt !== undefined && { expiresAt }) })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${textOf(value)}`);
}
