/** The files of one workspace behind the path guard. All paths are relative to it. */
export interface WorkspaceFiles {
  readonly path: string;
  readFile(path: string, options?: { maxBytes?: number }): Promise<{ bytes: Uint8Array; sha256: string }>;
  writeFile(
    path: string,
    bytes: Uint8Array,
    options: { expectedSha256: string | null },
  ): Promise<{ sha256: string }>;
  makeDirectory(path: string): Promise<unknown>;
  /** The path in its one form; throws HostError when it may not be touched. */
  check(path: string): string;
  close(): void;
}

export interface Roots {
  open(absolutePath: string): WorkspaceFiles;
}
