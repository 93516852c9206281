import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN_ENTRIES, mainBundle, preloadBundle } from '../build/lib/bundles.mjs';
import { ROOT } from '../build/lib/paths.mjs';
import { filesUnder } from '../build/lib/stamp.mjs';

// The linter judges import lines. This judges what ships: the graph of modules that each program really reaches, with
// type imports gone. Packages are not followed.

interface Edge {
  from: string;
  /** our own module as a path from the root; else the name of a package or of a module of Node */
  to: string;
  own: boolean;
  /** When it is needed, not when the module that names it is loaded. */
  late: boolean;
}

/** The module that the dashboard's page loads. */
function dashboardEntry(): string {
  const page = readFileSync(join(ROOT, 'renderer/index.html'), 'utf8');
  const source = /<script[^>]*\bsrc="\.?\/?([^"]+)"/.exec(page)?.[1];
  if (source === undefined) throw new Error('renderer/index.html loads no script');
  return `renderer/${source}`;
}

/** Every import in the programs that are built with these options. */
async function edgesOf(options: BuildOptions): Promise<Edge[]> {
  const { metafile } = await build({
    ...options,
    absWorkingDir: ROOT,
    packages: 'external',
    write: false,
    metafile: true,
    sourcemap: false,
    logLevel: 'silent',
  });
  return Object.entries(metafile.inputs).flatMap(([from, { imports }]) =>
    imports.map(({ path, kind, external = false }) => ({
      ...{ from, to: path, own: !external },
      late: kind === 'dynamic-import',
    })),
  );
}

const modulesOf = (folder: string): string[] =>
  filesUnder(join(ROOT, folder), (path) => /node_modules$|\.test\.tsx?$/.test(path))
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => relative(ROOT, path));

const inside = (path: string, ...folders: string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

const written = (edges: Edge[]): string[] => edges.map(({ from, to }) => `${from} -> ${to}`);

/** The modules that can be reached from one, by any import that ships. */
function reachedFrom(entry: string, edges: Edge[]): Set<string> {
  const reached = new Set([entry]);
  for (const module of reached) {
    for (const { from, to } of edges) if (from === module) reached.add(to);
  }
  return reached;
}

const serviceOf = (path: string): string | undefined => /^main\/services\/([^/]+)\//.exec(path)?.[1];

let hostEdges: Promise<Edge[]> | undefined;

/** Every import in the host's programs; bundled once. */
const host = (): Promise<Edge[]> =>
  (hostEdges ??= edgesOf(mainBundle('dist', { ...MAIN_ENTRIES, headless: 'main/headless.ts' })));

test('the programs of this test are the ones that are built', () => {
  const sources = [
    ...Object.values(MAIN_ENTRIES),
    'main/headless.ts',
    'preload/preload.ts',
    dashboardEntry(),
  ];
  expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
});

test('only main/electron imports Electron in the host', async () => {
  const edges = (await host()).filter(({ from, to }) => to === 'electron' && !inside(from, 'main/electron'));
  expect(written(edges)).toEqual([]);
});

test.each(['main/cli/main.ts', 'main/headless.ts', 'main/services/agents/demo-agent.ts'])(
  '%s carries no Electron, by whatever way',
  async (entry) => {
    const reached = reachedFrom(entry, await host());
    expect([...reached].filter((path) => path === 'electron' || inside(path, 'main/electron'))).toEqual([]);
  },
);

test.each(['fastify', '@fastify/static', '@modelcontextprotocol/server', '@simplewebauthn/server'])(
  'a host that nobody asks anything has not loaded %s',
  async (library) => {
    const edges = await host();
    expect(edges.map(({ to }) => to)).toContain(library);
    const atStart = edges.filter(({ late }) => !late);
    const reached = [...reachedFrom('main/headless.ts', atStart)];
    expect(reached.length).toBeGreaterThan(300);
    expect(reached).not.toContain(library);
  },
);

test('no service reaches another service', async () => {
  const edges = (await host()).filter(({ from, to }) => {
    const [own, other] = [serviceOf(from), serviceOf(to)];
    return own !== undefined && other !== undefined && own !== other;
  });
  expect(written(edges)).toEqual([]);
});

test('a service knows neither the host that composes it nor how it is run', async () => {
  const edges = (await host()).filter(
    ({ from, to, own }) =>
      own &&
      inside(from, 'main/services') &&
      !inside(to, 'main/services', 'main/acp', 'main/kernel', 'main/guard', 'contract'),
  );
  expect(written(edges)).toEqual([]);
});

test('the kernel knows no service, the guard knows only the kernel, and acp no service', async () => {
  const edges = (await host()).filter(
    ({ from, to, own }) =>
      own &&
      ((inside(from, 'main/kernel') && !inside(to, 'main/kernel', 'contract')) ||
        (inside(from, 'main/guard') && !inside(to, 'main/guard', 'main/kernel', 'contract')) ||
        (inside(from, 'main/acp') && !inside(to, 'main/acp', 'main/guard', 'main/kernel', 'contract'))),
  );
  expect(written(edges)).toEqual([]);
});

test('the host ships nothing of an interface, of tests or of tools', async () => {
  const edges = (await host()).filter(
    // Of package.json the version is read, and nothing else.
    ({ to, own }) => own && !inside(to, 'main', 'contract') && to !== 'package.json',
  );
  const fakes = (await host()).filter(
    ({ to, own }) => own && /^main\/testing\/|(^|\/)fakes\.ts$|\.test\.ts$/.test(to),
  );
  expect(written([...edges, ...fakes])).toEqual([]);
});

test('contract/ is plain: zod, @noble, X25519 of @stablelib and itself, nothing of Node', async () => {
  const entryPoints = modulesOf('contract').filter((path) => !path.includes('/fixtures/'));
  const edges = await edgesOf({
    entryPoints,
    outdir: 'dist',
    bundle: true,
    platform: 'neutral',
    format: 'esm',
  });
  const wrong = edges.filter(({ to, own }) =>
    own ? !inside(to, 'contract') : isBuiltin(to) || !/^(zod|@stablelib\/x25519|@noble\/[^/]+\/.+)$/.test(to),
  );
  expect(entryPoints.length).toBeGreaterThan(0);
  expect(written(wrong)).toEqual([]);
});

test('the preload is names and Electron: no schemas, nothing of Node', async () => {
  const edges = await edgesOf(preloadBundle('dist/preload.cjs'));
  const wrong = edges.filter(({ to, own }) => (own ? !inside(to, 'preload', 'contract') : to !== 'electron'));
  expect(written(wrong)).toEqual([]);
});

test('the dashboard never reaches the host, Node or Electron', async () => {
  const edges = await edgesOf({
    entryPoints: [dashboardEntry()],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'browser',
    format: 'esm',
    jsx: 'automatic',
    loader: { '.svg': 'empty', '.png': 'empty', '.woff2': 'empty' },
  });
  const wrong = edges.filter(({ to, own }) =>
    own ? !inside(to, 'renderer', 'contract') : to === 'electron' || isBuiltin(to),
  );
  expect(written(wrong)).toEqual([]);
});

test('the phone app shares contract/ with the host and nothing else', async () => {
  const entryPoints = modulesOf('mobile/app');
  const edges = await edgesOf({
    entryPoints,
    outdir: 'dist',
    bundle: true,
    platform: 'neutral',
    format: 'esm',
    jsx: 'automatic',
    resolveExtensions: ['.web.tsx', '.web.ts', '.tsx', '.ts', '.js', '.json'],
    loader: { '.png': 'empty', '.ttf': 'empty', '.css': 'empty' },
  });
  const wrong = edges.filter(({ to, own }) => (own ? !inside(to, 'mobile', 'contract') : isBuiltin(to)));
  expect(entryPoints.length).toBeGreaterThan(0);
  expect(written(wrong)).toEqual([]);
});

test('one character of the host takes one byte of memory: V8 keeps a whole file at two when any is beyond Latin-1', async () => {
  const { outputFiles } = await build({
    ...mainBundle('dist'),
    ...{ write: false, sourcemap: false, logLevel: 'silent' },
  });
  // Strings are escaped by the bundler; a regular expression needs \u by hand.
  const wide = outputFiles.flatMap(({ path, text }) =>
    [...text.matchAll(/.{0,40}[^\u0000-\u00ff]/gu)].map((found) => `${relative(ROOT, path)}: ${found[0]}`),
  );
  expect(wide).toEqual([]);
});
