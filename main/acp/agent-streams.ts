import type { Readable, Writable } from 'node:stream';

/**
 * Standard output of an agent as a web stream. The adapter of Node throws where nobody can catch it when output comes
 * after the reader has gone (`ERR_INVALID_STATE`, seen with Node 20): an agent that is ended in the middle of a line
 * must not be able to do that to the host.
 */
export function bytesFrom(source: Readable): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (finish: () => void) => () => {
        if (over) return;
        over = true;
        finish();
      };
      source.on('data', (chunk: Uint8Array) => {
        if (over) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) source.pause();
      });
      source.once(
        'end',
        end(() => controller.close()),
      );
      source.once(
        'close',
        end(() => controller.close()),
      );
      source.once('error', (error) => end(() => controller.error(error))());
    },
    pull: () => void source.resume(),
    cancel() {
      over = true;
      // What still comes is let go, so that the agent is not held by a full pipe while it ends.
      source.resume();
    },
  });
}

/** Standard input of an agent as a web stream; a write resolves when it is through. */
export function bytesTo(target: Writable): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (!target.writable) {
          reject(new Error('the agent does not listen any more'));
          return;
        }
        const gone = () => reject(new Error('the agent does not listen any more'));
        target.once('close', gone);
        target.write(chunk, (error) => {
          target.off('close', gone);
          if (error) reject(error);
          else resolve();
        });
      }),
  });
}
