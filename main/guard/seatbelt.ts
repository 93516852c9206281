import type { Masks, SandboxProfile } from './bubblewrap.ts';

export interface SeatbeltOptions {
  readonly profile: Exclude<SandboxProfile, 'none'>;
  /** Absolute real path of the workspace. */
  readonly root: string;
  readonly masks: Masks;
  readonly programs: readonly string[];
  /** Private temporary directory of this run. */
  readonly temporary: string;
}

const readable = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library',
  '/opt/homebrew',
  '/private/etc',
  '/private/var/db',
  '/dev',
];

/**
 * Arguments of `/usr/bin/sandbox-exec` for a command: default deny, system and workspace readable, writes only where
 * the profile says. Paths are passed as parameters (`-D`), never spliced into the profile text. Pure.
 * Written after the documented profile language; it has not been run on macOS.
 */
export function seatbeltArguments(options: SeatbeltOptions, argv: readonly string[]): string[] {
  const parameters: string[] = [];
  const parameter = (path: string): string => {
    parameters.push('-D', `P${parameters.length / 2}=${path}`);
    return `(param "P${parameters.length / 2 - 1}")`;
  };
  const subpath = (path: string): string => `(subpath ${parameter(path)})`;
  const root = subpath(options.root);
  const temporary = subpath(options.temporary);
  const inside = (path: string): string => subpath(`${options.root}/${path}`);
  const writable = options.profile === 'ro' ? temporary : `${root} ${temporary}`;
  const lines = [
    '(version 1)',
    '(deny default)',
    '(allow process-fork)',
    '(allow process-exec)',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow file-read-metadata)',
    `(allow file-read* ${[...readable, ...options.programs].map(subpath).join(' ')} ${root} ${temporary} (literal "/"))`,
    `(allow file-write* ${writable} (literal "/dev/null") (literal "/dev/tty"))`,
    ...options.masks.readOnly.map((path) => `(deny file-write* ${inside(path)})`),
    ...[...options.masks.files, ...options.masks.directories].map(
      (path) => `(deny file-read* file-write* ${inside(path)})`,
    ),
    ...(options.profile === 'ws+net' ? ['(allow network-outbound)', '(allow mach-lookup)'] : []),
  ];
  return [...parameters, '-p', lines.join('\n'), ...argv];
}
