import { expect, test } from 'vitest';
import { cpuText } from './cpu-text.ts';

test.each([
  [null, '…'],
  [0, '0 %'],
  [0.004, '0.4 %'],
  [0.0996, '10 %'],
  [0.5, '50 %'],
  [3.456, '346 %'],
])('%s processors are shown as %s', (used, text) => expect(cpuText(used)).toBe(text));
