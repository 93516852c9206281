import { StringDecoder } from 'node:string_decoder';
import type { LogStreamName } from '../../../../contract/process-logs.ts';
import { createLineMatcher } from '../line-matcher.ts';
import { findPattern, findText } from '../find-line.ts';
import type { OutputSearch, ShimEvent } from './messages.ts';

interface Search {
  readonly stdout: (text: string) => string | null;
  readonly stderr: (text: string) => string | null;
}

/** The searches in the output of one run. Each ends with its first find; without any, nothing is decoded. */
export function createOutputSearches(tell: (event: ShimEvent) => void) {
  const searches = new Map<string, Search>();
  let decoders = newDecoders();

  function newDecoders() {
    return { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  }

  function look(id: string, search: Search, stream: LogStreamName, text: string): void {
    try {
      const line = search[stream](text);
      if (line === null) return;
      searches.delete(id);
      tell({ type: 'found', search: id, stream, line });
    } catch (error) {
      fail(id, error);
    }
  }

  function fail(id: string, error: unknown): void {
    searches.delete(id);
    const reason = error instanceof Error ? error.message : String(error);
    tell({ type: 'search-failed', search: id, reason });
  }

  return {
    add(id: string, what: OutputSearch): void {
      if (searches.size === 0) decoders = newDecoders();
      try {
        const find = what.kind === 'text' ? findText(what.text) : findPattern(what.pattern);
        searches.set(id, { stdout: createLineMatcher(find), stderr: createLineMatcher(find) });
      } catch (error) {
        fail(id, error);
      }
    },
    remove: (id: string) => void searches.delete(id),
    hear(stream: LogStreamName, bytes: Uint8Array): void {
      if (searches.size === 0) return;
      const text = decoders[stream].write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      for (const [id, search] of [...searches]) look(id, search, stream, text);
    },
  };
}
