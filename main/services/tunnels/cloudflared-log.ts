/** One line that cloudflared wrote to its standard error. */
export interface LogLine {
  /** `plain` are the lines that are no JSON although JSON was asked for: usage errors and the last error. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'plain';
  readonly message: string;
  /** The field `error`, empty when there is none. */
  readonly error: string;
}

/** What a line means for the tunnel. */
export type LogMeaning =
  | { readonly kind: 'metrics'; readonly port: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'rate-limited' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'nothing' };

const MAX_TEXT = 300;
/** Part of every orderly end. */
const HARMLESS =
  /^(?:Connection terminated|no more connections active and exiting|failed to serve incoming request)/;

/** Reads a line of `--output json`; tolerates the ones that are none. Pure. */
export function parseLogLine(line: string): LogLine {
  try {
    const fields: unknown = JSON.parse(line);
    if (typeof fields === 'object' && fields !== null) {
      const { level, message, error, status_code: status } = fields as Record<string, unknown>;
      const extra = typeof status === 'string' ? ` (${status})` : '';
      return {
        level: level === 'fatal' ? 'error' : isLevel(level) ? level : 'info',
        message: asText(message) + extra,
        error: asText(error),
      };
    }
  } catch {
    // A plain line.
  }
  return { level: 'plain', message: asText(line), error: '' };
}

function isLevel(level: unknown): level is 'debug' | 'info' | 'warn' | 'error' {
  return level === 'debug' || level === 'info' || level === 'warn' || level === 'error';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** What a line means. Pure. Facts: the messages of cloudflared 2025.6 to 2026.8. */
export function meaningOf({ message, error }: LogLine): LogMeaning {
  const metrics = /^Starting metrics server on 127\.0\.0\.1:(\d{1,5})\/metrics$/.exec(message);
  if (metrics) return { kind: 'metrics', port: Number(metrics[1]) };
  if (message.startsWith('Registered tunnel connection')) return { kind: 'connected' };
  if (
    /^(?:Lost connection with the edge|Unregistered tunnel connection|Serve tunnel error|Retrying connection)/.test(
      message,
    )
  ) {
    return { kind: 'disconnected' };
  }
  if (/error code: 1015|429 Too Many Requests/.test(`${message} ${error}`)) return { kind: 'rate-limited' };
  if (message.startsWith('Register tunnel error from server side') && error.startsWith('Unauthorized')) {
    return { kind: 'refused', reason: `Cloudflare refuses the credentials of the tunnel: ${clean(error)}` };
  }
  return { kind: 'nothing' };
}

/** The text to show for a line that explains a failure; null for a line that explains nothing. Pure. */
export function failureText(line: LogLine): string | null {
  if (line.level !== 'error' && line.level !== 'plain') return null;
  if (HARMLESS.test(line.message)) return null;
  const text = clean([line.message, line.error].filter((part) => part !== '').join(': '));
  return text === '' ? null : text;
}

/** A line for people: short, printable, and without anything long enough to be a key. Pure. */
export function clean(text: string): string {
  return text
    .replace(/\p{C}+/gu, ' ')
    .replace(/[A-Za-z0-9_+/=-]{48,}/g, '[…]')
    .trim()
    .slice(0, MAX_TEXT);
}
