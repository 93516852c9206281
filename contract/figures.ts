import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { Instant } from './ids.ts';
import { ProcessName } from './process-name.ts';

/** One look at a process and all that came of it. */
export const FigureSample = z.strictObject({
  at: Instant,
  /** Processors in use since the look before: 1 is one core all of the time; null for the first look. */
  cpu: z.number().nonnegative().nullable(),
  /** Resident memory, bytes. */
  memory: z.int().nonnegative(),
});

const measured = {
  /** How many processes it is made of; 0 where the operating system shows no process table. */
  processes: z.int().nonnegative(),
  /** TCP ports on which they listen. */
  ports: z.array(z.int().min(1).max(65535)).max(1024),
  /** Oldest first. */
  samples: z.array(FigureSample).max(300),
};
export const ProcessFigures = z.strictObject({ name: ProcessName, ...measured });
export type ProcessFigures = z.infer<typeof ProcessFigures>;

/** The host itself, the shim, and the long-lived children whose output the host keeps. */
export const PartKind = z.enum(['host', 'shim', 'tunnel', 'agent']);
export type PartKind = z.infer<typeof PartKind>;

const PartId = z.string().min(1).max(64);
const part = {
  id: PartId,
  kind: PartKind,
  /** The agent; empty for the other kinds. */
  name: z.string().max(64),
  /** What an agent is for: `task ID`, `remote ID`; empty for the other kinds. */
  purpose: z.string().max(160),
  pid: z.int().positive(),
  /** Null where neither the host nor the operating system knows. */
  startedAt: Instant.nullable(),
};

/** Something that the host runs beside the managed processes. No process is counted in two of them. */
export const HostPart = z.strictObject({ ...part, ...measured });
export type HostPart = z.infer<typeof HostPart>;

/** A tunnel or an agent that has ended; its last output can still be read. */
export const EndedPart = z.strictObject({
  ...part,
  endedAt: Instant,
  exitCode: z.int().nullable(),
  signal: z.string().max(32).nullable(),
});
export type EndedPart = z.infer<typeof EndedPart>;

/** What can be asked about what runs on the host. */
export const figureCommands = {
  'supervisor.figures': command({
    capability: 'view',
    risk: 'none',
    summary:
      'Processors, memory and ports of each live process with all that it started, and of what the host runs beside them; measured while somebody asks.',
    input: Nothing,
    output: z.strictObject({
      at: Instant,
      /** False where the operating system shows no process table. */
      supported: z.boolean(),
      processes: z.array(ProcessFigures),
      /** What runs beside them: the host first, then the shim, tunnel and agents, oldest first. */
      parts: z.array(HostPart).max(1024),
      /** Those that ended last, newest first. */
      ended: z.array(EndedPart).max(16),
    }),
  }),
  'supervisor.readPartOutput': command({
    capability: 'view',
    risk: 'none',
    summary: 'Read the end of what a tunnel or an agent printed on stderr, also after it has ended.',
    input: z.strictObject({ id: PartId }),
    output: z.strictObject({
      /** At most 64 KiB of what was printed, before the outbound gate. */
      text: z.string(),
      /** Bytes before it that are not kept. */
      missing: z.int().nonnegative(),
    }),
  }),
};
