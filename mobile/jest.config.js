const preset = require('jest-expo/jest-preset');

// These packages ship untranspiled ES modules; the preset's own list does not know them.
const alsoTranspile = ['@noble/', '@stablelib/', '@shopify/flash-list', 'qr/'];
const [packages, ...rest] = preset.transformIgnorePatterns;

module.exports = {
  preset: 'jest-expo',
  rootDir: __dirname,
  testMatch: ['<rootDir>/**/*.test.ts', '<rootDir>/**/*.test.tsx'],
  moduleNameMapper: { '^(zod|@noble/.*|@stablelib/.*|@babel/runtime/.*)$': '<rootDir>/node_modules/$1' },
  transformIgnorePatterns: [packages.replace('(?!', `(?!(${alsoTranspile.join('|')})|`), ...rest],
};
