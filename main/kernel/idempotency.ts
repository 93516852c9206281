import { createHash } from 'node:crypto';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { commands, isCommandName } from '../../contract/commands.ts';
import { HostError, type Reply } from '../../contract/errors.ts';
import type { DeviceId } from '../../contract/ids.ts';
import type { Caller } from './caller.ts';
import type { CommandLedger, Entry, Stamp } from './command-ledger.ts';
import type { Log } from './ports.ts';
import type { Router } from './router.ts';

/** What names a command of a device; the owner's own carriers are local and ordered and need none. */
export type CallStamp = { readonly [K in keyof Stamp]?: Stamp[K] | undefined };

export type OnceRouter = (caller: Caller, name: string, input: unknown, stamp?: CallStamp) => Promise<Reply>;

export type Replay = Extract<Entry, { kind: 'replay' }>['why'];

export interface OnceRouterDeps {
  readonly router: Router;
  readonly ledger: CommandLedger;
  /** A device sent something that it cannot have meant now. Puts it on record and tells the owner. */
  replayed(deviceId: DeviceId, name: string, why: Replay): void;
  readonly log: Log;
  /** Told of everything that is carried out, so that a stop can wait for it. */
  begun?(work: Promise<Reply>): void;
}

const EXPLAINED: Record<Replay, string> = {
  'other-request': 'this command id was used for another request',
  'other-counter': 'this command was sent before under another number',
  'used-counter': 'the number of this command was used for another one',
  'old-counter': 'this command is too old: its number was passed long ago',
};

/**
 * A command of a device happens once. Its id and number are on the disk before it runs: the same request again gets the
 * first answer, another request under the same id or number is a conflict, and a request whose answer was lost in a
 * crash is answered `unavailable` with `unknown: true`, never run again by itself. What only reads needs none of this.
 */
export function createOnceRouter({ router, ledger, replayed, log, begun }: OnceRouterDeps): OnceRouter {
  const running = new Map<string, Promise<Reply>>();

  async function first(caller: Caller, name: string, input: unknown, commandId: string): Promise<Reply> {
    const reply = await router(caller, name, input);
    try {
      ledger.settle(caller.principal, commandId, reply);
    } catch (error) {
      // It was done, and who waits is told so; a later repeat is answered that the outcome is unknown.
      log.error({ command: name, error: String(error) }, 'the answer to a command could not be kept');
    }
    return reply;
  }

  /** Null when the ledger cannot be written: then nothing runs, as without an audit record. */
  function enter(caller: Caller, name: string, stamp: Stamp, sha256: string): Entry | null {
    try {
      return ledger.enter(caller.principal, stamp, sha256);
    } catch (error) {
      log.error({ command: name, error: String(error) }, 'a command could not be written down');
      return null;
    }
  }

  function once(caller: Caller, name: string, input: unknown, stamp: Stamp, deviceId: DeviceId) {
    const sha256 = requestHash(name, input);
    if (sha256 === null) return refuse('invalid_input', `${name}: the input is not plain JSON`);
    const key = `${caller.principal}\n${stamp.commandId}`;
    const entry = enter(caller, name, stamp, sha256);
    if (entry === null) return refuse('unavailable', 'the command could not be written down; it was not run');
    if (entry.kind === 'replay') {
      replayed(deviceId, name, entry.why);
      return refuse('conflict', EXPLAINED[entry.why]);
    }
    if (entry.kind === 'new') {
      const reply = first(caller, name, input, stamp.commandId).finally(() => running.delete(key));
      running.set(key, reply);
      begun?.(reply);
      return reply;
    }
    if (entry.reply) return entry.reply;
    return (
      running.get(key) ??
      refuse('unavailable', 'what became of this command is unknown; it was not sent again', {
        unknown: true,
      })
    );
  }

  return async (caller, name, input, stamp = {}) => {
    const reads = !isCommandName(name) || commands[name].risk === 'none';
    if (reads || caller.deviceId === null) return router(caller, name, input);
    const { commandId, counter } = stamp;
    if (commandId === undefined || counter === undefined) {
      return refuse('invalid_input', `${name}: a command of a device needs a commandId and a counter`);
    }
    return once(caller, name, input, { commandId, counter }, caller.deviceId);
  };
}

/** Null when there is no one way to write the input down: half a surrogate pair, or no input at all. */
function requestHash(name: string, input: unknown): string | null {
  try {
    return createHash('sha256').update(canonicalJson({ name, input })).digest('hex');
  } catch {
    return null;
  }
}

function refuse(code: HostError['code'], message: string, data?: Record<string, unknown>): Reply {
  return { ok: false, error: new HostError(code, message, data).toWire() };
}
