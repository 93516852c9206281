import { expect, test } from 'vitest';
import { hasDisplay } from './lib/display.mjs';
import { isNodeSupported } from './setup.mjs';
import { loadedWith, namedFiles } from './size-budget.mjs';
import { homeArguments } from './start.mjs';

test.each([
  ['18.20.0', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['100.1.0', true],
])('Node %s is supported: %s', (version, supported) => {
  expect(isNodeSupported(version)).toBe(supported);
});

test('a window can be shown on a Mac, on Windows, and on Linux with X11 or Wayland', () => {
  expect(hasDisplay({ platform: 'darwin', env: {} })).toBe(true);
  expect(hasDisplay({ platform: 'win32', env: {} })).toBe(true);
  expect(hasDisplay({ platform: 'linux', env: { DISPLAY: ':0' } })).toBe(true);
  expect(hasDisplay({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBe(true);
  expect(hasDisplay({ platform: 'linux', env: { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' } })).toBe(true);
  expect(hasDisplay({ platform: 'linux', env: { DISPLAY: '' } })).toBe(false);
  expect(hasDisplay({ platform: 'linux', env: {} })).toBe(false);
});

test('the chosen home goes along to the question whether a host runs for it', () => {
  expect(homeArguments([])).toEqual([]);
  expect(homeArguments(['--hidden', '--home', '/h', '--x'])).toEqual(['--home', '/h']);
  expect(homeArguments(['--home=/h', '--x'])).toEqual(['--home=/h']);
});

test('what is loaded at start is what is imported statically', () => {
  const code = [
    `import { a } from "../chunks/a.mjs";`,
    `import "./b.mjs";`,
    `import fs from "node:fs";`,
    `} from "./c.mjs";`,
    `export * from "./d.mjs";`,
    `const late = await import("./late.mjs");`,
  ].join('\n');
  expect(namedFiles('x.mjs', code)).toEqual(['../chunks/a.mjs', './b.mjs', './c.mjs', './d.mjs']);
});

test('what a page loads is its scripts, its preloads and its styles', () => {
  const page = `<link rel="stylesheet" href="/assets/a.css"><script type="module" crossorigin src="/assets/b.js"></script>
    <link rel="modulepreload" href="/assets/c.js"><link rel="icon" href="/icon.svg">`;
  expect(namedFiles('index.html', page)).toEqual(['assets/a.css', 'assets/b.js', 'assets/c.js']);
});

test('a module is loaded with itself', () => {
  const self = new URL('./size-budget.mjs', import.meta.url).pathname;
  expect([...loadedWith(self)]).toEqual([self]);
});
