import { en } from '../../texts/en.ts';

/** Why a browser made no passkey, or no proof by one, in plain words: its own say what a developer should read up. */
export function ceremonyFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch (error.name) {
    case 'NotAllowedError':
    case 'AbortError':
      return en.passkeys.notProven;
    case 'InvalidStateError':
      return en.passkeys.knownAlready;
    default:
      return error.message;
  }
}
