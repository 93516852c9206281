/** Small texts that this device keeps beside its hosts: what it witnessed, and who has removed it. */
export interface Notes {
  read(name: string): Promise<string | undefined>;
  /** Resolves when it is on disk. Under 2,000 characters: the limit of a keychain. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}
