import type { LogStreamName } from '../../../../contract/process-logs.ts';

/**
 * Where the shim puts what one process prints, under its name and over all its runs. It lives in the shim, which does
 * nothing else: every call is synchronous, writes at once (nothing is held back when it returns, so a host or a shim
 * that is killed loses nothing that was handed over) and never throws.
 *
 * On disk, in the folder of the process: `stdout.log` and `stderr.log` hold the bytes as they were printed; set aside
 * they are `….log.1` to `….log.5`. Order between the streams and times come from the index beside them: the shim hands
 * over pieces in the order in which it read them, each with the time at which it read it.
 */
export interface LogSink {
  /** A run begins: what is there is set aside, so that the files hold one run and no more. @param at ms since 1970 */
  startRun(at: number): void;
  /** @param bytes of any length, cut anywhere; valid only during the call, the buffer is used again */
  append(stream: LogStreamName, bytes: Uint8Array, at: number): void;
  /** Bytes that could not be written in this run (disk full, folder gone for good); 0 again after a new run. */
  lost(): number;
  /** Closes the files; an append after that opens them again. */
  close(): void;
}

/** @param folder absolute; made when needed, and made again when somebody removed it */
export type OpenLogSink = (folder: string) => LogSink;
