import { HostError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';

/** A path that passed the lexical gate: relative, `/`-separated, no `.` or `..`; `''` is the root itself. */
export interface RelativePath {
  readonly path: string;
  readonly segments: readonly string[];
}

const maximumPathLength = 4096;
const maximumSegments = 256;
const maximumSegmentBytes = 255;
// C0, DEL, C1, format characters (bidi, zero width), other default-ignorables, line and paragraph separators.
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const windowsDevice =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;
const loneSurrogate = /\p{Cs}/u;
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');
const shortName = /~\d/;
const percentEncoded = /%(?:2e|2f|5c|00)/i;

/**
 * How a path is shown in a message: quoted, cut to 120 characters, invisible characters written as `\u{…}`.
 */
export function showPath(path: string): string {
  const cut = path.length > 120 ? `${path.slice(0, 117)}...` : path;
  const visible = [...wellFormed(cut)]
    .map((c) => (invisible.test(c) ? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}` : c))
    .join('');
  return `"${visible}"`;
}

/** A refusal that names the path and the rule; `data` is `{path, rule}`. */
export function refusePath(code: ErrorCode, path: string, rule: string): HostError {
  return new HostError(code, `${showPath(path)} ${rule}`, { path: wellFormed(path).slice(0, 256), rule });
}

/**
 * The lexical gate. The same rules hold on every system, because a repository moves between systems.
 * Accepts `.`, `./` prefixes and doubled slashes inside the path; refuses everything that could name something else
 * on another file system (backslash, colon, device names, 8.3 names, trailing dots, non-NFC, lookalikes of dots).
 *
 * @throws HostError `invalid_input` for malformed paths, `not_permitted` for paths that leave the workspace.
 */
export function parseRelativePath(input: unknown): RelativePath {
  if (typeof input !== 'string') throw new HostError('invalid_input', 'A path must be a string.');
  checkWhole(input);
  const segments: string[] = [];
  for (const segment of input.split('/')) {
    if (segment === '' || segment === '.') continue;
    checkSegment(input, segment);
    if (segments.length === 0 && segment.startsWith('~')) {
      throw refusePath('not_permitted', input, 'starts with "~"; give it relative to the workspace');
    }
    segments.push(segment);
  }
  if (segments.length > maximumSegments) {
    throw refusePath('invalid_input', input, `has more than ${maximumSegments} levels`);
  }
  return { path: segments.join('/'), segments };
}

function checkWhole(input: string): void {
  const malformed = (rule: string) => refusePath('invalid_input', input, rule);
  const outside = (rule: string) => refusePath('not_permitted', input, rule);
  if (input.length > maximumPathLength) throw malformed(`is longer than ${maximumPathLength} characters`);
  if (loneSurrogate.test(input)) throw malformed('is not well-formed Unicode');
  if (invisible.test(input)) throw malformed('contains a control, bidirectional or zero-width character');
  if (input.startsWith('/')) throw outside('is an absolute path; give it relative to the workspace');
  if (input.includes('\\')) throw malformed('contains a backslash; separate with "/"');
  if (input.includes(':')) throw malformed('contains a colon, which names a drive, a stream or a URL');
  if (percentEncoded.test(input)) throw malformed('contains a percent-encoded separator or dot');
  if (input.includes('\ufffd')) throw malformed('contains the replacement character');
  if (input.normalize('NFC') !== input) throw malformed('is not in Unicode normal form C');
}

function checkSegment(input: string, segment: string): void {
  const malformed = (rule: string) => refusePath('invalid_input', input, rule);
  const folded = segment.normalize('NFKC');
  if (segment === '..' || folded === '..' || folded === '.') {
    throw refusePath('not_permitted', input, 'leaves the workspace');
  }
  if (/[/\\:]/.test(folded)) throw malformed('contains a lookalike of a separator');
  if (Buffer.byteLength(segment) > maximumSegmentBytes) {
    throw malformed(`has a part longer than ${maximumSegmentBytes} bytes`);
  }
  if (/[. ]$/.test(folded)) throw malformed('has a part that ends with a dot or a space');
  if (windowsDevice.test(segment) || windowsDevice.test(folded)) throw malformed('names a Windows device');
  if (shortName.test(folded)) throw malformed('looks like a Windows short name ("~1")');
}
