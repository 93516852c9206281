import { expect, test } from 'vitest';
import { childEnvironment } from './child-env.ts';

const host = {
  ...{
    PATH: '/usr/bin',
    HOME: '/home/u',
    LANG: 'C.UTF-8',
    LC_ALL: 'C',
    TERM: 'xterm',
    TZ: 'UTC',
    EDITOR: 'vi',
  },
  ...{
    GITHUB_TOKEN: 't',
    AWS_PROFILE: 'p',
    SSH_AUTH_SOCK: '/s',
    NODE_OPTIONS: '-r x',
    LD_PRELOAD: 'x.so',
    GIT_DIR: '/',
  },
  ...{
    SIGNALBOX_HOME: '/h',
    ELECTRON_RUN_AS_NODE: '1',
    OPENAI_API_KEY: 'k',
    DATABASE_URL: 'postgres://u:p@h/d',
  },
};

test('a child gets the basics and nothing else of the host', () => {
  const { env, secrets } = childEnvironment(host);
  expect(Object.keys(env).sort()).toEqual(['HOME', 'LANG', 'LC_ALL', 'PATH', 'TERM', 'TZ']);
  expect(secrets).toEqual([]);
});

test('further names are inherited on request, credentials only when granted by name', () => {
  const result = childEnvironment(host, {
    inherit: ['EDITOR', 'GITHUB_TOKEN', 'LD_PRELOAD', 'NONE', 'GIT_DIR', 'SSH_AUTH_SOCK', 'DATABASE_URL'],
    credentials: ['OPENAI_API_KEY', 'NODE_OPTIONS'],
  });
  expect(result.env).toMatchObject({ EDITOR: 'vi', OPENAI_API_KEY: 'k' });
  expect(result.env).not.toHaveProperty('NODE_OPTIONS');
  expect(result.dropped).toEqual([
    { name: 'GITHUB_TOKEN', reason: 'credential' },
    { name: 'LD_PRELOAD', reason: 'injection' },
    { name: 'NONE', reason: 'absent' },
    { name: 'GIT_DIR', reason: 'injection' },
    { name: 'SSH_AUTH_SOCK', reason: 'credential' },
    { name: 'DATABASE_URL', reason: 'credential' },
    { name: 'NODE_OPTIONS', reason: 'injection' },
  ]);
  expect(result.secrets).toEqual(['k']);
});

test('values the owner writes are set, unless their name injects code or they are malformed', () => {
  const { env, secrets } = childEnvironment(host, { set: { MY_TOKEN: 'secret-value', MODE: 'x' } });
  expect(env).toMatchObject({ MY_TOKEN: 'secret-value', MODE: 'x' });
  expect(secrets).toEqual(['secret-value']);
  for (const name of [
    'LD_PRELOAD',
    'node_options',
    'BASH_FUNC_ls',
    'GIT_SSH_COMMAND',
    'PYTHONSTARTUP',
    'BASH_ENV',
  ]) {
    expect(() => childEnvironment(host, { set: { [name]: 'x' } }), name).toThrow('cannot be set for a child');
  }
  for (const name of ['A B', 'X=Y', '', '1X', 'BASH_FUNC_ls%%']) {
    expect(() => childEnvironment(host, { set: { [name]: 'x' } }), name).toThrow('not a name');
  }
  expect(() => childEnvironment(host, { set: { X: 'a\0b' } })).toThrow('contains NUL');
});
