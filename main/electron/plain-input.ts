import { HostError } from '../../contract/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../contract/wire.ts';

/** A function, or nothing at all, has no JSON; the library's own type leaves that out. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/**
 * What a page sent, as plain JSON: no cycles, dates, maps or buffers of the structured clone get further than here,
 * and nothing longer than a message on any other carrier.
 * @throws HostError `invalid_input` or `too_large`
 */
export function plainInput(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch {
    throw new HostError('invalid_input', 'a message must be plain JSON: no cycles and no big integers');
  }
  if (text === undefined) return undefined;
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) {
    throw new HostError('too_large', `a message may hold ${MAX_MESSAGE_BYTES} bytes`);
  }
  return JSON.parse(text) as unknown;
}
