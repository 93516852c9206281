import { existsSync } from 'node:fs';
import { fromRoot } from './paths.mjs';

/** The programs that run under Node or Electron's main process: output name (without extension) -> source. */
export const MAIN_ENTRIES = {
  'main/electron': 'main/electron/main.ts',
  'cli/signalbox': 'main/cli/main.ts',
  'agents/demo-agent': 'main/services/agents/demo-agent.ts',
  'shim/signalbox-shim': 'main/services/supervisor/shim/shim-main.ts',
};

export const PRELOAD_ENTRY = 'preload/preload.ts';

/**
 * Packages that stay in node_modules: they carry native code or WebAssembly, or load their own files at run time.
 * Everything else is bundled, which halves the start time.
 */
export const EXTERNAL_PACKAGES = [
  'electron',
  '@photostructure/sqlite',
  '@napi-rs/keyring',
  '@lydell/node-pty',
  '@vscode/ripgrep',
  'web-tree-sitter',
  'tree-sitter-bash',
  '@secretlint/*',
];

// CommonJS packages inside an ES module still call these three. `var`, because esbuild may declare the same names.
const COMMONJS_NAMES = `import { createRequire as __signalboxRequire } from 'node:module';
import { dirname as __signalboxDirname } from 'node:path';
import { fileURLToPath as __signalboxPath } from 'node:url';
var require = __signalboxRequire(import.meta.url);
var __filename = __signalboxPath(import.meta.url);
var __dirname = __signalboxDirname(__filename);`;

/**
 * How the main programs are bundled: ES modules that share their common parts in `chunks/`.
 * @param {string} outdir
 * @param {Record<string, string>} [entries]
 */
export function mainBundle(outdir, entries = MAIN_ENTRIES) {
  return /** @satisfies {import('esbuild').BuildOptions} */ ({
    absWorkingDir: fromRoot(),
    entryPoints: entries,
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    // Fewer bytes to read and compile at every start; names stay, so that a stack still says where.
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    external: EXTERNAL_PACKAGES,
    banner: { js: COMMONJS_NAMES },
    logLevel: 'silent',
    legalComments: 'none',
  });
}

/**
 * How the preload is bundled: one CommonJS file, as a sandboxed preload cannot load another.
 * @param {string} outfile
 */
export function preloadBundle(outfile) {
  return /** @satisfies {import('esbuild').BuildOptions} */ ({
    absWorkingDir: fromRoot(),
    entryPoints: [PRELOAD_ENTRY],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    metafile: true,
    external: ['electron'],
    logLevel: 'silent',
    legalComments: 'none',
  });
}

/**
 * The sources among these that are not there, relative to the root.
 * @param {readonly string[]} sources
 */
export const absent = (sources) => sources.filter((source) => !existsSync(fromRoot(source)));
