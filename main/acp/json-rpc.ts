/** An error answer, as bytes. `rawId` is the id as it stood in the request; null when none could be told. */
export function errorAnswer(rawId: string | null, code: number, message: string): Buffer {
  return Buffer.from(
    `{"jsonrpc":"2.0","id":${rawId ?? 'null'},"error":${JSON.stringify({ code, message })}}`,
  );
}

/** A successful answer, as bytes. */
export function resultAnswer(rawId: string, result: unknown): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${rawId},"result":${JSON.stringify(result)}}`);
}

/** Tells the other side that its answer to a request is not wanted any more (`$/cancel_request` of ACP). */
export function cancelRequest(rawId: string): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","method":"$/cancel_request","params":{"requestId":${rawId}}}`);
}

/** The whole of a message; undefined when what stands inside it is no JSON after all. */
export function parsedMessage(
  bytes: Buffer,
): { readonly params?: unknown; readonly result?: unknown } | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as { params?: unknown; result?: unknown };
  } catch {
    return undefined;
  }
}
