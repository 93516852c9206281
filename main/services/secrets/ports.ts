/** One secret that the outbound gate held back. */
export interface HeldSecret {
  readonly tag: string;
  readonly kind: string;
  readonly origin: 'own' | 'private-key' | 'known' | 'pattern';
}

/** An alert that the owner sees wherever they are. */
export type RaiseAlert = (kind: 'secret-allowed', message: string) => void;
