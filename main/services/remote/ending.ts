/** How a connection ended, for the record and for the client. */
export interface Ending {
  readonly why:
    | 'client closed'
    | 'client gone'
    | 'client reads nothing'
    | 'agent reads nothing'
    | 'agent ended'
    | 'agent not started'
    | 'not ACP'
    | 'too large'
    | 'idle'
    | 'closed by hand'
    | 'access withdrawn'
    | 'no longer served'
    | 'host stops'
    | 'failed';
  /** Close code of a WebSocket, RFC 6455. */
  readonly code: number;
  readonly words: string;
}

const ending = (why: Ending['why'], code: number, words: string = why): Ending => ({ why, code, words });

export const ENDINGS = {
  clientClosed: ending('client closed', 1000),
  clientGone: ending('client gone', 1001),
  clientStalled: ending('client reads nothing', 1008, 'nothing was read for a minute'),
  agentStalled: ending('agent reads nothing', 1011, 'the agent read nothing for a minute'),
  agentEnded: ending('agent ended', 1000, 'the agent ended'),
  agentFailed: ending('agent ended', 1011, 'the agent ended'),
  notStarted: ending('agent not started', 1011, 'the agent could not be started'),
  notAcp: ending('not ACP', 1002, 'the first message must be an initialize request'),
  silent: ending('not ACP', 1002, 'initialize was expected'),
  tooLarge: ending('too large', 1009, 'a message of the agent was larger than 8 MiB'),
  tooMany: ending('too large', 1008, 'too many requests or sessions wait at once'),
  idle: ending('idle', 1001, 'nothing was said for a long time'),
  byHand: ending('closed by hand', 1001, 'the owner closed this connection'),
  withdrawn: ending('access withdrawn', 1001, 'access was withdrawn'),
  notServed: ending('no longer served', 1001, 'no longer served'),
  hostStops: ending('host stops', 1001, 'the host is stopping'),
  failed: ending('failed', 1011, 'the connection failed'),
} as const;
