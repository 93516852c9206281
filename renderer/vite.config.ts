import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The dashboard as plain files: no inline script, no data: address, nothing that a strict content policy refuses. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 700,
  },
});
