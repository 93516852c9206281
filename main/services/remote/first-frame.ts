import * as z from 'zod';

const Initialize = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(1024), z.number()]),
  method: z.literal('initialize'),
});

/** Whether a connection opens as ACP demands: with an `initialize` request. The only frame that is ever parsed. */
export function isInitialize(frame: string): boolean {
  try {
    return Initialize.safeParse(JSON.parse(frame)).success;
  } catch {
    return false;
  }
}

/**
 * One message as one line. A line end in JSON can only be white space between tokens, so it may become a blank; left
 * as it is, it would cut the message in two.
 */
export function asLine(frame: Buffer): Buffer {
  const line = Buffer.allocUnsafe(frame.length + 1);
  frame.copy(line);
  line[frame.length] = 0x0a;
  for (const end of [0x0a, 0x0d]) {
    for (let at = frame.indexOf(end); at >= 0; at = frame.indexOf(end, at + 1)) line[at] = 0x20;
  }
  return line;
}
