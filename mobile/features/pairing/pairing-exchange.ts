import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { sasCode } from '../../../contract/channel/secure-channel.ts';
import { HostPairingMessage } from '../../../contract/pairing.ts';
import type { Dialled } from '../../host/dial.ts';

export type Admission = Extract<HostPairingMessage, { type: 'paired' }>;
export type Refusal = Extract<HostPairingMessage, { type: 'refused' }>['reason'];

/** How the conversation on one channel ended. */
export type ExchangeEnd =
  | { readonly kind: 'stored'; readonly admission: Admission }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  /** The code was not accepted: the host hung up before its first word. */
  | { readonly kind: 'rejected' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'broken' };

export interface ExchangeHooks {
  /** The code at once; again with the host's name as soon as it says so. */
  code(checkCode: string, hostName: string | undefined): void;
  /** The owner is asked; milliseconds that this may take. */
  pending(expiresInMs: number): void;
  /** Keeps what the host gave. Resolves when it is on disk; only then the host is told. */
  store(admission: Admission): Promise<void>;
}

/** Talks to the host over one channel until it is decided. Never rejects. */
export function exchange({ channel, wasRefused }: Dialled, hooks: ExchangeHooks): Promise<ExchangeEnd> {
  const checkCode = sasCode(channel.handshakeHash);
  hooks.code(checkCode, undefined);
  return new Promise((resolve) => {
    let heard = false;
    const end = (result: ExchangeEnd): void => {
      resolve(result);
      channel.close();
    };
    async function keep(admission: Admission): Promise<void> {
      try {
        await hooks.store(admission);
      } catch {
        end({ kind: 'broken' });
        return;
      }
      try {
        channel.send(utf8(JSON.stringify({ type: 'stored' })));
      } catch {
        // The channel is gone. The first session proves to the host that the record is here.
      }
      end({ kind: 'stored', admission });
    }
    let keeping = false;
    channel.onClose(() => {
      if (!keeping) resolve({ kind: heard || !wasRefused() ? 'dropped' : 'rejected' });
    });
    channel.onMessage((bytes) => {
      heard = true;
      if (keeping) return;
      const message = HostPairingMessage.parse(JSON.parse(fromUtf8(bytes)));
      if (message.type === 'refused') end({ kind: 'refused', reason: message.reason });
      else if (message.type === 'pending') {
        hooks.code(checkCode, message.hostName);
        hooks.pending(message.expiresInMs);
      } else {
        keeping = true;
        void keep(message);
      }
    });
  });
}
