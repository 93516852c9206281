import type { Readiness } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createLineMatcher } from './line-matcher.ts';
import { findPattern, findText, type FindLine } from './pattern.ts';
import { httpTry, probeUntil, tcpTry } from './probe.ts';

export type LogStream = 'stdout' | 'stderr';
/** Hears what a process prints, stream by stream, in pieces. */
export type OutputListener = (stream: LogStream, text: string) => void;

export interface ReadinessSource {
  readonly clock: Clock;
  /** Calls the listener for all output from now on; the returned function ends that. */
  listen(listener: OutputListener): () => void;
}

/**
 * Watches for the condition of a process and calls `ready` once. Never polls output: that comes by itself.
 * @param failed is called when the condition can never be found out (a pattern that takes too long)
 * @returns ends the watch
 * @throws HostError `invalid_input` for a pattern that is none
 */
export function watchReadiness(
  condition: Readiness,
  source: ReadinessSource,
  ready: () => void,
  failed: (reason: string) => void,
): () => void {
  switch (condition.kind) {
    case 'tcp':
      return probeUntil(tcpTry(condition.port), source.clock, ready);
    case 'http':
      return probeUntil(httpTry(condition.url), source.clock, ready);
    case 'text':
      return watchOutput(findText(condition.text), source, ready, failed);
    case 'regex':
      return watchOutput(findPattern(condition.pattern), source, ready, failed);
  }
}

/** Looks for a line on both streams, and calls `found` with the first that fits. */
export function watchOutput(
  find: FindLine,
  source: Pick<ReadinessSource, 'listen'>,
  found: (line: string) => void,
  failed: (reason: string) => void,
): () => void {
  const matchers = { stdout: createLineMatcher(find), stderr: createLineMatcher(find) };
  const end = source.listen((stream, text) => {
    try {
      const line = matchers[stream](text);
      if (line === null) return;
      end();
      found(line);
    } catch (error) {
      end();
      failed(error instanceof Error ? error.message : String(error));
    }
  });
  return end;
}

/** The condition in words, for reasons: `to print "listening"`. */
export function describeReadiness(condition: Readiness): string {
  switch (condition.kind) {
    case 'text':
      return `to print "${condition.text}"`;
    case 'regex':
      return `to print a line that fits /${condition.pattern}/`;
    case 'tcp':
      return `to listen on port ${condition.port}`;
    case 'http':
      return `to answer at ${new URL(condition.url).origin}`;
  }
}
