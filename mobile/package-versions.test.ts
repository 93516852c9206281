/** @jest-environment node */
import { readFileSync } from 'node:fs';
import path from 'node:path';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (...parts: string[]): Manifest =>
  JSON.parse(readFileSync(path.join(__dirname, ...parts), 'utf8')) as Manifest;

test('what the contract imports has one version on both sides', () => {
  const phone = read('package.json').dependencies;
  const desktop = read('..', 'package.json').dependencies;
  const shared = Object.keys(desktop).filter(
    (name) => name === 'zod' || name === 'qr' || /^@(noble|stablelib)\//.test(name),
  );
  expect(shared.length).toBeGreaterThan(3);
  expect(shared.map((name) => `${name}@${phone[name] ?? 'missing'}`)).toEqual(
    shared.map((name) => `${name}@${desktop[name] ?? 'missing'}`),
  );
});

test('every version is exact', () => {
  const { dependencies, devDependencies } = read('package.json');
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d/.test(version),
  );
  expect(loose).toEqual([]);
});
