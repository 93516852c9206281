import type { Failure } from '../../cli/failure.ts';
import type { EditorSide } from '../../cli/acp-connect/editor-side.ts';
import type { Dial, LinkEnd, LinkEvents, RemoteLink } from '../../cli/acp-connect/link.ts';

type Json = Record<string, unknown>;

/** An editor in memory. */
export interface FakeEditor {
  readonly side: EditorSide;
  readonly got: Json[];
  /** The same, as bytes. */
  readonly frames: string[];
  say(message: Json | string): void;
  close(failure?: Failure): void;
  drain(): void;
  /** False: every write asks to wait. */
  takes: boolean;
  readonly isPaused: () => boolean;
}

export function fakeEditor(): FakeEditor {
  let line: (line: Buffer) => void = () => {};
  let end: (failure: Failure | null) => void = () => {};
  let drain: () => void = () => {};
  let paused = false;
  const frames: string[] = [];
  const editor: FakeEditor = {
    side: {
      onLine: (take) => (line = take),
      onEnd: (take) => (end = take),
      pause: () => (paused = true),
      resume: () => (paused = false),
      write(frame) {
        frames.push(frame.toString());
        return editor.takes;
      },
      onDrain: (take) => (drain = take),
      flush: () => Promise.resolve(),
    },
    frames,
    get got() {
      return frames.map((frame) => JSON.parse(frame) as Json);
    },
    say: (message) => line(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))),
    close: (failure) => end(failure ?? null),
    drain: () => drain(),
    takes: true,
    isPaused: () => paused,
  };
  return editor;
}

/** One connection to an agent in memory. */
export interface FakeConnection {
  readonly got: Json[];
  readonly frames: string[];
  say(message: Json | string): void;
  end(end: LinkEnd): void;
  drain(): void;
  takes: boolean;
  isPaused: boolean;
  isClosed: boolean;
}

export interface FakeRemote {
  readonly dial: Dial;
  readonly connections: FakeConnection[];
  /** What the next attempts fail with. */
  readonly failures: Failure[];
  /** Answers requests by itself, where it is given one. */
  agent: (request: Json, connection: FakeConnection) => void;
}

export function fakeRemote(): FakeRemote {
  const connections: FakeConnection[] = [];
  const failures: Failure[] = [];
  const remote: FakeRemote = {
    connections,
    failures,
    agent: () => {},
    async dial(events) {
      const failure = failures.shift();
      if (failure) throw failure;
      const { connection, link } = connect(events, (request, on) => remote.agent(request, on));
      connections.push(connection);
      return link;
    },
  };
  return remote;
}

function connect(
  events: LinkEvents,
  agent: FakeRemote['agent'],
): { connection: FakeConnection; link: RemoteLink } {
  const frames: string[] = [];
  let isEnded = false;
  const connection: FakeConnection = {
    frames,
    get got() {
      return frames.map((frame) => JSON.parse(frame) as Json);
    },
    say(message) {
      if (!isEnded)
        events.onFrame(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
    },
    end(end) {
      if (!isEnded) events.onEnd(end);
      isEnded = true;
    },
    drain: events.onDrain,
    takes: true,
    isPaused: false,
    isClosed: false,
  };
  const link: RemoteLink = {
    send(frame, message) {
      frames.push(frame.toString());
      if (message?.method !== undefined && message.id !== undefined)
        agent(JSON.parse(frame.toString()) as Json, connection);
      return connection.takes;
    },
    pause: () => (connection.isPaused = true),
    resume: () => (connection.isPaused = false),
    roundTripMs: () => 3,
    close: () => Promise.resolve(void (connection.isClosed = true)),
  };
  return { connection, link };
}
