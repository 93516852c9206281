#!/usr/bin/env node
// The `signalbox` command. The program itself is built into dist/.
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli/signalbox.mjs', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write(
    'signalbox is not built yet: run `npm start`, or `npm run build`, in its folder first\n',
  );
  process.exitCode = 1;
}
