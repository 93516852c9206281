import * as z from 'zod';
import { WorkspaceRef } from '../../contract/workspaces.ts';

/**
 * The control socket speaks one JSON document a line. The first line of the client says who it wants to be; the
 * host answers with its own first line, then both send the messages of `contract/wire.ts`.
 */
export const ControlHello = z.discriminatedUnion('as', [
  z.strictObject({ hello: z.literal(1), as: z.literal('owner') }),
  /** A local MCP client on stdin/stdout: tools only, and judged as one. */
  z.strictObject({ hello: z.literal(1), as: z.literal('tools'), workspace: WorkspaceRef.optional() }),
]);
export type ControlHello = z.infer<typeof ControlHello>;

export const ControlWelcome = z.strictObject({
  hello: z.literal(1),
  hostId: z.string(),
  version: z.string(),
  pid: z.int(),
});
export type ControlWelcome = z.infer<typeof ControlWelcome>;
