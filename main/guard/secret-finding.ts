/**
 * Where the knowledge that a text is a secret comes from. It decides what may happen to it: `own` (of the host itself)
 * and `private-key` never leave, whoever allows it; `known` was handed to us as a secret; `pattern` looks like one.
 */
export type SecretOrigin = 'own' | 'private-key' | 'known' | 'pattern';

export interface Found {
  /** Kind of secret, for example `github-pat`. */
  readonly kind: string;
  readonly origin: SecretOrigin;
  /** Range in the text. */
  readonly start: number;
  readonly end: number;
  /** The secret itself, without what stood in it or around it: equal secrets have equal values. */
  readonly value: string;
}
