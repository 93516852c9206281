import type { CommandName, OutputOf, ParsedInputOf } from '../../contract/commands.ts';
import type { Caller } from './caller.ts';

/** A handler is handed parsed input and the caller that was authorised; it never checks either again. */
export type Handler<N extends CommandName> = (
  input: ParsedInputOf<N>,
  caller: Caller,
) => Promise<OutputOf<N>> | OutputOf<N>;

export type Handlers = { readonly [N in CommandName]: Handler<N> };

/** The handlers of one service: all commands that start with its name. */
export type HandlersOf<Service extends string> = {
  readonly [N in CommandName as N extends `${Service}.${string}` ? N : never]: Handler<N>;
};
