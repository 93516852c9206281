import type { InputOf } from '../../../../contract/commands.ts';
import { en } from '../../../texts/en.ts';
import type { CheckDraft, HealthKind, ReadyKind } from './draft.ts';
import type { FieldReader } from './read-fields.ts';

const t = en.processForm;
type Run = InputOf<'supervisor.run'>;
export type Ready = NonNullable<Run['ready']>;
export type Check = NonNullable<Run['health']>['check'];

/** The sign by which a process is known to be up; null for none. */
export function readReady(draft: CheckDraft<ReadyKind>, reader: FieldReader): Ready | null {
  if (draft.kind === 'text') return { kind: 'text', text: readText(draft.text, reader) };
  if (draft.kind === 'regex') {
    const pattern = readText(draft.text, reader);
    if (!isPattern(pattern)) reader.hold('ready.text', t.patternRule);
    return { kind: 'regex', pattern };
  }
  return readCheck('ready', { ...draft, kind: draft.kind }, reader);
}

/** A question that can be asked at any time. */
export function readCheck(
  of: 'ready' | 'health',
  { kind, port, url, status, command }: CheckDraft<HealthKind>,
  reader: FieldReader,
): Check | null {
  if (kind === 'tcp') {
    reader.required(`${of}.port`, port);
    return { kind, port: reader.number(`${of}.port`, port, { from: 1, to: 65_535 }) ?? 0 };
  }
  if (kind === 'command') {
    const argv = reader.argv(`${of}.command`, command);
    if (argv.length > 64) reader.hold(`${of}.command`, t.tokensRule);
    return { kind, argv };
  }
  if (kind === 'none') return null;
  const address = reader.required(`${of}.url`, url);
  if (address !== '' && !isHttp(address)) reader.hold(`${of}.url`, t.urlRule);
  const range = statusOf(status);
  if (range === null) reader.hold(`${of}.status`, t.statusRule);
  return { kind, url: address, ...(range && { status: range }) };
}

function readText(text: string, reader: FieldReader): string {
  reader.required('ready.text', text);
  if (text.length > 1024) reader.hold('ready.text', t.lineRule);
  // Spaces around it may belong to what is waited for.
  return text;
}

function isPattern(pattern: string): boolean {
  try {
    return RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

function isHttp(address: string): boolean {
  return address.length <= 2048 && /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** `200-299` or `204`. Undefined for nothing, null for what is neither. */
function statusOf(text: string): [number, number] | null | undefined {
  if (text.trim() === '') return undefined;
  const [, from = '', to = from] = /^\s*([1-5]\d\d)(?:\s*[-–]\s*([1-5]\d\d))?\s*$/.exec(text) ?? [];
  if (from === '' || Number(from) > Number(to)) return null;
  return [Number(from), Number(to)];
}
