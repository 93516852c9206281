import { relative, sep } from 'node:path';
import type { WatchRule } from '../../../contract/supervisor.ts';
import { globTest } from './glob.ts';

/** Nobody edits these by hand, and some hold a hundred thousand files. */
const ALWAYS_IGNORED = [
  ...['.git', '.hg', '.svn', '.jj', 'node_modules', 'bower_components', '.pnpm-store', '.yarn'],
  ...[
    'target',
    'dist',
    'build',
    'out',
    '.next',
    '.nuxt',
    '.svelte-kit',
    '.output',
    '.turbo',
    '.parcel-cache',
  ],
  ...['.cache', '.vite', 'coverage', '__pycache__', '.venv', 'venv', '.mypy_cache', '.pytest_cache', '.tox'],
  ...['.gradle', '.idea', '.vscode', '.DS_Store', '*.pyc', '*.swp', '*.swo', '*~', '.#*', '4913'],
];

export interface WatchFilter {
  /** Not looked into at all. @param path absolute */
  ignored(path: string): boolean;
  /** A change of this file counts. @param path absolute */
  counts(path: string): boolean;
  /** Relative to the folder, with `/`. */
  shown(path: string): string;
}

/** What of a folder is watched. A default that is named in `paths` as it stands is not ignored. Pure. */
export function createWatchFilter(folder: string, { paths, ignore }: WatchRule): WatchFilter {
  const shown = (path: string) => relative(folder, path).split(sep).join('/');
  const named = new Set(paths.flatMap((pattern) => pattern.split('/')));
  const skips = [...ALWAYS_IGNORED.filter((pattern) => !named.has(pattern)), ...ignore].map(globTest);
  const wanted = paths.map(globTest);
  return {
    shown,
    ignored(path) {
      const name = shown(path);
      return name !== '' && skips.some((fits) => fits(name));
    },
    counts(path) {
      const name = shown(path);
      return name !== '' && !name.startsWith('../') && wanted.some((fits) => fits(name));
    },
  };
}
