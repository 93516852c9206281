import type { Texts } from './texts.ts';

export interface LaunchFacts {
  readonly argv: readonly string[];
  readonly isPackaged: boolean;
  readonly isRoot: boolean;
}

const DEBUGGING =
  /^--?(remote-debugging-(port|pipe|address)|remote-allow-origins|inspect|inspect-brk|inspect-port|js-flags)(=|$)/;

/**
 * Why this start must be refused, or null. An installed app is driven by nobody: a debugging port gives whoever
 * connects the owner's rights. In a checkout the tests' driver needs one.
 */
export function refusalOf({ argv, isPackaged, isRoot }: LaunchFacts, texts: Texts): string | null {
  if (!isPackaged) return null;
  if (argv.some((arg) => DEBUGGING.test(arg))) return texts.launch.remoteDebugging;
  // Root cannot have the sandbox of Chromium at all; everybody else can.
  if (!isRoot && argv.some((arg) => /^--no-(sandbox|zygote)$/.test(arg))) return texts.launch.noSandbox;
  return null;
}

/** The home that the command line names: `--home=DIR` or `--home DIR`; the last one counts. */
export function homeOption(argv: readonly string[]): string | undefined {
  let found: string | undefined;
  argv.forEach((arg, index) => {
    if (arg.startsWith('--home=')) found = arg.slice('--home='.length);
    else if (arg === '--home') found = argv[index + 1];
  });
  return found;
}

/** Whether an address of the site's routes may be opened from outside the window. */
export function isRoute(route: string): boolean {
  return /^#\/[a-z]+(\/[A-Za-z0-9_-]{1,128})?$/.test(route);
}
