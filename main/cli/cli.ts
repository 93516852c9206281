import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CommandName, InputOf, OutputOf } from '../../contract/commands.ts';
import type { HostState } from '../../contract/host-state.ts';
import type { ControlClient } from './control-client.ts';
import { Failure } from './failure.ts';

/** What a verb works with. */
export interface Cli {
  readonly json: boolean;
  /** The root folder of the home that was chosen. */
  home(): Promise<string>;
  /** The connection to the host, made when it is first needed. */
  host(): Promise<ControlClient>;
  /** Calls the host. @throws Failure with the host's code */
  call<N extends CommandName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  snapshot(): Promise<HostState>;
  /** The one answer of a verb: a JSON document, or text for a person. */
  answer(value: unknown, text: string): void;
  /** One item of a stream: a line. */
  item(value: unknown, text: string): void;
  /** A piece of running output, without an end of its own: for a person only. */
  piece(text: string): void;
  /** A diagnostic, on stderr. */
  note(text: string): void;
  /** Colours and QR codes are for terminals. */
  readonly terminal: boolean;
  close(): void;
}

export interface Streams {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly terminal: boolean;
}

/** The world of one run. Nothing is loaded or opened before a verb asks. */
export function createCli(streams: Streams, options: { home?: string; json?: boolean }): Cli {
  const json = options.json === true;
  let connected: Promise<ControlClient> | null = null;

  async function home(): Promise<string> {
    const { homePath } = await import('../kernel/home.ts');
    return homePath(options.home);
  }
  async function connect(): Promise<ControlClient> {
    const { connectControl } = await import('./control-client.ts');
    return connectControl(await home(), { hello: 1, as: 'owner' });
  }
  const host = () => (connected ??= connect());
  const print = (value: unknown, text: string) => {
    if (json) streams.stdout(`${JSON.stringify(value)}\n`);
    else if (text !== '') streams.stdout(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    json,
    home,
    host,
    terminal: streams.terminal,
    async call(name, input) {
      const result = await (await host()).call(name, input);
      if (result.ok) return result.value;
      throw new Failure(result.error.code, result.error.message, result.error.data);
    },
    snapshot: async () => (await host()).snapshot(),
    answer: print,
    item: print,
    piece(text) {
      if (!json) streams.stdout(text);
    },
    note: (text) => streams.stderr(`${text}\n`),
    close: () => {
      connected?.then(
        (client) => client.close(),
        () => {},
      );
    },
  };
}

/** A verb's work. Answers the exit code, or nothing for 0. */
export type Work<Options> = (
  cli: Cli,
  args: readonly string[],
  options: Options,
) => Promise<number> | Promise<void>;

/** Where verbs are hung up: it hands each its world and takes its exit code. */
export interface Verbs {
  /** @param usage commander's form: `add <path>`; the words of `args` are what was given, flat and in order */
  verb<Options = Record<string, never>>(
    parent: Command,
    usage: string,
    summary: string,
    work: Work<Options>,
    shape?: (command: Command) => Command,
  ): Command;
  /** A word that only leads to other verbs. */
  group(parent: Command, name: string, summary: string): Command;
}

/** A workspace as the host reads it: a path is made absolute, for the host works in another folder. */
export function workspaceRef(ref: string): string {
  return /^[./\\]|^[A-Za-z]:[/\\]/.test(ref) ? resolve(ref) : ref;
}
