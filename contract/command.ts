import * as z from 'zod';

/**
 * What a caller must be allowed to do. A device holds `view`, `submit`, `approve`, `manage` up to its scope; the
 * owner at the machine also holds `own`; an MCP client holds `tool-*` by the scope of its token, and nothing else.
 */
export const Capability = z.enum([
  'view',
  'submit',
  'approve',
  'manage',
  'own',
  'tool-read',
  'tool-write',
  'tool-exec',
]);
export type Capability = z.infer<typeof Capability>;

/** `none` reads; anything else is put on record before its handler runs, and refused when it cannot be. */
export type Risk = 'none' | 'low' | 'medium' | 'high';

export interface CommandSpec<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly capability: Capability;
  readonly risk: Risk;
  /** One sentence for the reference, the palette and the help text. */
  readonly summary: string;
  readonly input: In;
  readonly output: Out;
}

export function command<In extends z.ZodType, Out extends z.ZodType>(
  spec: CommandSpec<In, Out>,
): CommandSpec<In, Out> {
  return spec;
}

export const Nothing = z.strictObject({});
