import { commands, isCommandName, type CommandName } from '../../contract/commands.ts';
import type { CommandSpec } from '../../contract/command.ts';
import { describeIssues, HostError, type Reply } from '../../contract/errors.ts';
import type { Caller } from './caller.ts';
import type { Handlers } from './handlers.ts';
import type { Log } from './ports.ts';

export interface RouterDeps {
  handlers: Handlers;
  /** Throws when the mode of the host (paused, locked down) does not allow the command now. */
  admit(caller: Caller, name: CommandName, spec: CommandSpec): void;
  /** Puts an act on record. Rejects when it cannot: then the act does not happen. */
  record(entry: CommandRecord): Promise<void>;
  log: Log;
  newErrorId(): string;
}

export interface CommandRecord {
  readonly type: 'command.called' | 'command.failed' | 'command.refused';
  readonly actor: string;
  readonly name: string;
  readonly code?: string;
}

export type Router = (caller: Caller, name: string, input: unknown) => Promise<Reply>;

/**
 * The single door: name, capability, parse, mode, record, run, parse the answer. Every carrier calls this and
 * nothing else, so a rule that holds here holds everywhere.
 */
export function createRouter({ handlers, admit, record, log, newErrorId }: RouterDeps): Router {
  async function refuse(caller: Caller, name: string, error: HostError): Promise<never> {
    await record({ type: 'command.refused', actor: caller.principal, name, code: error.code }).catch(
      () => {},
    );
    throw error;
  }

  async function run(caller: Caller, name: string, input: unknown): Promise<unknown> {
    if (!isCommandName(name))
      throw new HostError('unknown_command', `there is no command "${name.slice(0, 256)}"`);
    const spec: CommandSpec = commands[name];
    if (!caller.capabilities.has(spec.capability)) {
      return refuse(
        caller,
        name,
        new HostError(
          'not_permitted',
          `${name} needs "${spec.capability}", which this caller does not hold`,
          {
            needs: spec.capability,
          },
        ),
      );
    }
    const parsed = spec.input.safeParse(input);
    if (!parsed.success) throw new HostError('invalid_input', `${name}: ${describeIssues(parsed.error)}`);
    admit(caller, name, spec);
    const handler = handlers[name] as (input: unknown, caller: Caller) => unknown;
    if (spec.risk === 'none') return spec.output.parse(await handler(parsed.data, caller));
    await record({ type: 'command.called', actor: caller.principal, name });
    try {
      // Once more: while it was written down the caller may have been revoked, or the host locked down.
      admit(caller, name, spec);
      return spec.output.parse(await handler(parsed.data, caller));
    } catch (error) {
      const code = error instanceof HostError ? error.code : 'internal';
      await record({ type: 'command.failed', actor: caller.principal, name, code }).catch(() => {});
      throw error;
    }
  }

  return async (caller, name, input) => {
    try {
      return { ok: true, value: await run(caller, name, input) };
    } catch (error) {
      if (error instanceof HostError) return { ok: false, error: error.toWire() };
      const id = newErrorId();
      log.error(
        { id, command: name, error: error instanceof Error ? error.stack : String(error) },
        'internal error',
      );
      return {
        ok: false,
        error: {
          code: 'internal',
          message: `internal error ${id}; the log of the host explains it`,
          data: { id },
        },
      };
    }
  };
}
