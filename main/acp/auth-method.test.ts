import { expect, test } from 'vitest';
import { loginByKey } from './auth-method.ts';

const codex = [
  { id: 'chatgpt', name: 'Login with ChatGPT', description: 'Use your ChatGPT login' },
  { id: 'codex-api-key', name: 'Use CODEX_API_KEY', description: 'Requires the variable' },
  { id: 'openai-api-key', name: 'Use OPENAI_API_KEY' },
];
const gemini = [
  { id: 'oauth-personal', name: 'Log in with Google' },
  { id: 'gemini-api-key', name: 'Use Gemini API key', description: 'Requires setting GEMINI_API_KEY' },
];
const qwen = [
  { id: 'openai', name: 'Use OpenAI API key', description: null },
  { id: 'qwen-oauth', name: 'Qwen OAuth' },
];

test.each([
  ['OPENAI_API_KEY', codex, 'openai-api-key'],
  ['CODEX_API_KEY', codex, 'codex-api-key'],
  ['GEMINI_API_KEY', gemini, 'gemini-api-key'],
  ['OPENAI_API_KEY', qwen, 'openai'],
  ['ANTHROPIC_API_KEY', codex, null],
  ['OPENAI_API_KEY', [], null],
  ['OPENAI_API_KEY', [null, 7, { id: 7 }, { name: 'OPENAI_API_KEY' }, { id: 'x', name: {} }], null],
])('the key in %s is taken by the way that says so', (variable, offered, id) => {
  expect(loginByKey(variable, offered)).toBe(id);
});
