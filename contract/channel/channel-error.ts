/**
 * What went wrong with a channel, for local logs and decisions. The text never leaves this side: a peer
 * that fails sees only the close code, because a reason would tell an attacker which guess was right.
 *
 * - `misuse`     the local program called something at the wrong time or with a wrong argument
 * - `refused`    the peer's bytes failed a check (authentication, format, order, size)
 * - `late`       the handshake did not finish in time
 * - `lost`       the pipe ended under us
 * - `closed`     the channel has ended; nothing more can be sent
 * - `exhausted`  a key has protected as many messages as it may
 */
export type ChannelErrorCode = 'misuse' | 'refused' | 'late' | 'lost' | 'closed' | 'exhausted';

/** The only error this folder throws on purpose. `cause` keeps what a library said; never send it to a peer. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  readonly code: ChannelErrorCode;

  constructor(code: ChannelErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
