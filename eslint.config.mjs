// How code may look, and who may import whom. Each import rule says what to use instead.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { importZones } from './build/lint/import-zones.mjs';
import { zonesOf } from './build/lint/zones.mjs';

const ROOT = dirname(fileURLToPath(import.meta.url));
const HOUSES = ['contract', 'main', 'preload', 'renderer'];
const TYPED = HOUSES.map((house) => `${house}/**/*.{ts,tsx}`);
const SERVICES = readdirSync(`${ROOT}/main/services`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const ZOD = {
  selector:
    "ImportDeclaration[source.value='zod'][importKind!='type'] > :matches(ImportDefaultSpecifier, ImportSpecifier[importKind!='type'])",
  message:
    "Write `import * as z from 'zod'`: the named import keeps bundlers from dropping what is not used (455 KB instead of 94).",
};
const ELECTRON = {
  regex: '^electron(/|$)',
  message: 'Only main/electron and preload know Electron. Declare a port and implement it in main/electron.',
};
const NODE = {
  regex: `^(node:|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/|$))`,
  message:
    'This folder also runs where there is no Node. Take what you need as an argument (a clock, random bytes, a transport).',
};
const VITEST_MOCKS = {
  selector: "CallExpression[callee.object.name='vi'][callee.property.name=/^(mock|doMock|hoisted)$/]",
  message: 'Fake the port instead (fakes.ts): a replaced module hides how the parts are joined.',
};

const UNUSED = [
  'error',
  { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
];
const SHARED_RULES = {
  // Untrusted text is searched for control characters all over this project.
  'no-control-regex': 'off',
  '@typescript-eslint/no-unused-vars': UNUSED,
  '@typescript-eslint/consistent-type-imports': 'error',
};

/**
 * @param {string[]} files
 * @param {object[]} patterns
 */
const bannedImports = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

export default defineConfig(
  {
    ignores: [
      'dist/**',
      '**/node_modules/**',
      '**/dist-*/**',
      'mobile/{.expo,android,ios,coverage}/**',
      'mobile/expo-env.d.ts',
      'coverage/**',
      'e2e/output/**',
      'bench/output/**',
      'contract/fixtures/**/*.json',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: [...TYPED, 'mobile/**/*.{ts,tsx}'],
    plugins: { house: { rules: { 'import-zones': importZones } } },
    rules: { 'house/import-zones': ['error', { root: ROOT, zones: zonesOf(SERVICES) }] },
  },
  {
    files: TYPED,
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: {
      // One program for all folders: each folder's own limits are checked by tsc, and eight programs take twice as long.
      parserOptions: { project: 'build/tsconfig.lint.json', tsconfigRootDir: ROOT },
    },
    rules: {
      ...SHARED_RULES,
      'no-restricted-syntax': ['error', ZOD, VITEST_MOCKS],
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      // A factory holds its methods, so length says little about it; what a reader must hold in mind is the branches.
      'max-lines-per-function': ['error', { max: 150, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 20],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => doIt()` as a handler is clear enough, and the alternative is noise.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // Objects are made by factories and close over their state: no method here uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Walking a string by code points is meant when it is written.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // There are no enums and, but for errors, no classes here: these two took a third of the time for nothing.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A port's method may be asynchronous although one adapter has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.test.{ts,tsx}', '**/fakes.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  bannedImports(['contract/**/*.ts'], [ELECTRON, NODE]),
  bannedImports(['contract/**/*.test.ts'], [ELECTRON]),
  bannedImports(['main/**/*.ts'], [ELECTRON]),
  bannedImports(['main/electron/**/*.ts'], []),
  bannedImports(['preload/**/*.ts'], [NODE]),
  bannedImports(['renderer/**/*.{ts,tsx}'], [ELECTRON, NODE]),
  bannedImports(
    ['renderer/**/*.test.{ts,tsx}', 'renderer/test-support/**', 'preload/**/*.test.ts'],
    [ELECTRON],
  ),
  { files: ['main/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  // The composition root is one list of what is joined to what: cut in two it would only be harder to follow.
  { files: ['main/host.ts'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
  {
    // Tools: read by few, run by hand and in CI; tsc checks their types.
    files: ['build/**/*.{mjs,js,ts}', 'bin/*.mjs', 'bench/**/*.{mjs,ts}', 'e2e/**/*.{mjs,ts}', '*.{mjs,ts}'],
    extends: [js.configs.recommended, ...tseslint.configs.recommended],
    rules: {
      ...SHARED_RULES,
      'no-undef': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['mobile/**/*.{ts,tsx}'],
    extends: [js.configs.recommended, ...tseslint.configs.strict],
    rules: {
      ...SHARED_RULES,
      'no-undef': 'off',
      'no-restricted-syntax': ['error', ZOD, VITEST_MOCKS],
    },
  },
  {
    files: ['mobile/**/*.{js,cjs,mjs}'],
    extends: [js.configs.recommended, tseslint.configs.base],
    rules: { 'no-undef': 'off' },
  },
);
