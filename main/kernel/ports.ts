/** What the host takes from the outside world. Entries pass the real ones, tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970: for display and records only. */
  now(): number;
  /** Milliseconds that never go back: for every deadline. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. Never keeps the process alive by itself. */
  after(ms: number, run: () => void): () => void;
}

export interface RandomSource {
  bytes(count: number): Uint8Array;
  /** 128 random bits as 22 base64url characters. */
  id(): string;
}

export interface Log {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
  error(facts: Record<string, unknown>, message: string): void;
}

/** Keys and other secrets of the host itself, by name. */
export interface SecretStore {
  /** `keyring`, or `file` when no keyring answered: `doctor` repeats the warning. */
  readonly kind: 'keyring' | 'file' | 'memory';
  get(name: string): Promise<Uint8Array | null>;
  set(name: string, value: Uint8Array): Promise<void>;
  delete(name: string): Promise<void>;
}

/** Tells the outbound gate of a private value of this host, whoever makes or meets it: from then on it never leaves. */
export type KeepSecret = (value: string | Uint8Array) => void;

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
