import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Claim, Opening } from '../../../contract/channel/channel-handshake.ts';
import type { DhKey } from '../../../contract/channel/dh-key.ts';
import type { PairPayload } from '../../../contract/channel/handshake-payloads.ts';
import type { Reply } from '../../../contract/errors.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { HostPairingMessage } from '../../../contract/pairing.ts';
import type { GoodbyeReason, HostMessage, Welcome } from '../../../contract/wire.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Connection } from '../../kernel/connection.ts';
import type { Backlog } from '../../kernel/state-feed.ts';

/** The door and the streams behind it, for one client. */
export interface Door {
  call(caller: Caller, name: string, input: unknown): Promise<Reply>;
  connect(caller: Caller, send: (message: HostMessage) => void, backlog?: Backlog): Connection;
}

/** The same for a device, which is told first what host this is and in what state. */
export interface DeviceDoor extends Door {
  welcome(caller: Caller): Welcome;
}

type RotateMessage = Extract<HostMessage, { type: 'rotate' }>;
type RenewalMessage = Extract<HostMessage, { type: 'renewal' }>;

export interface DeviceIdentity {
  /** The host's keys, those that are handed out first. */
  open(): Promise<readonly DhKey[]>;
  pskFor(claim: Claim): Uint8Array | null;
  verified(opening: Opening): undefined;
  unproven(claim: Claim): void;
  pair(request: {
    publicKey: Uint8Array;
    payload: PairPayload;
    checkCode: string;
    say(message: HostPairingMessage): void;
    close(): void;
  }): { stored(): void; gone(): void };
  /** `away`: the owner must confirm this device once more, by `renew`. Null: nobody that may come in. */
  connect(
    publicKey: Uint8Array,
    hostPublicKey: Uint8Array,
    session: {
      /** Tells the device why and ends its session. */
      end(reason: GoodbyeReason): void;
      rotate(keys: Omit<RotateMessage, 'type'>): void;
    },
  ): { caller: Caller; ready(): void; rotated(): void; gone(): void } | 'away' | null;
  renew(request: {
    publicKey: Uint8Array;
    checkCode: string;
    say(message: RenewalMessage): void;
    close(): void;
  }): { gone(): void };
}

export interface BrowserIdentity {
  requestAdmission(
    name: string,
    secretHash: string,
  ): { deviceId: DeviceId; checkCode: string; decided: Promise<boolean> };
  browser(secretHash: string, close: (() => void) | null): { caller: Caller; gone(): void } | null;
}

export interface Workspaces {
  resolve(ref: string | undefined, caller: Caller): Workspace;
}

/** What serves MCP once a client is known. */
export interface McpEndpoint {
  handle(req: IncomingMessage, res: ServerResponse, caller: Caller): Promise<void>;
  closeCaller(principal: string): void;
}

/** Who wants which agent over ACP; null is the first that is served. */
export interface AcpTarget {
  readonly agent: string | null;
  readonly principal: string;
  /** Puts a refusal on record. */
  refused(why: string): void;
}

/** What serves ACP once a client is known. */
export interface AcpEndpoint {
  handleRequest(req: IncomingMessage, res: ServerResponse, target: AcpTarget): void;
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer, target: AcpTarget): void;
  closePrincipal(principal: string): void;
  /** Whether any agent is served; the edge answers 404 for /acp while none is. */
  isOn(): boolean;
}

export interface ProcessProxy {
  handleRequest(req: IncomingMessage, res: ServerResponse): void;
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HostFacts {
  readonly id: string;
  readonly version: string;
  readonly pid: number;
}
