import type { IncomingMessage } from 'node:http';

export type Body =
  { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly status: 400 | 413 };

/** Reads a JSON body up to `maxBytes`; a longer one is given up unread. Rejects only if the connection breaks. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { ok: false, status: 413 };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { ok: false, status: 413 };
    chunks.push(chunk);
  }
  try {
    return { ok: true, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, status: 400 };
  }
}
