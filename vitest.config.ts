import { defineConfig } from 'vitest/config';

const long = process.env['SIGNALBOX_LONG'] === '1';

export default defineConfig({
  test: {
    include: ['contract', 'main', 'preload', 'renderer', 'build'].map(
      (folder) => `${folder}/**/*.test.{ts,tsx}`,
    ),
    exclude: ['**/node_modules/**', ...(long ? [] : ['**/*.long.test.ts'])],
    // Many tests start real processes and servers: more than two files at once makes them slow, not fast.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: long ? 3_600_000 : 15_000,
    // A test that lost its way must not leave a switched clock or environment to the next.
    restoreMocks: true,
    unstubEnvs: true,
  },
});
