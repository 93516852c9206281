import type { WebSocket } from 'ws';

/** Hangs up on all of these; resolves when everybody who listens for their end has heard of it. */
export async function endAll(sockets: Iterable<WebSocket>): Promise<void> {
  const open = [...sockets];
  const ended = open.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
  for (const socket of open) socket.terminate();
  await Promise.all(ended);
}
