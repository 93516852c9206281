import { join } from 'node:path';
import type { AgentLogin } from '../../../contract/agents.ts';
import type { KnownAgent } from './known-agents.ts';
import { isRecord, readSmallFile, readSmallJson } from './small-file.ts';

/** What the files of an agent say about its login. `note` names files and variables; it never holds content. */
export interface LoginState {
  readonly login: AgentLogin;
  readonly note: string;
}

/** What is looked at: the environment that the agent would get, and the names in it that hold a key for it. */
export interface LoginPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

const yes = (note: string): LoginState => ({ login: 'yes', note });
const no = (note: string): LoginState => ({ login: 'no', note });
const unknown = (note: string): LoginState => ({ login: 'unknown', note });

type Look = (place: LoginPlace & { readonly home: string }) => Promise<LoginState>;

/** Each agent keeps its login in its own way. Only whether there is something is looked at, never what. */
const looks: Readonly<Record<string, Look>> = {
  async codex({ env, home }) {
    const folder = env['CODEX_HOME'] ?? join(home, '.codex');
    const auth = await readSmallJson(join(folder, 'auth.json'));
    if (auth && (isFilled(auth['OPENAI_API_KEY']) || holdsToken(auth['tokens']))) return yes('auth.json');
    const config = (await readSmallFile(join(folder, 'config.toml'))) ?? '';
    if (/^\s*cli_auth_credentials_store\s*=\s*"(?:keyring|auto)"/m.test(config)) return unknown('keyring');
    if (/^\s*model_provider\s*=/m.test(config)) return unknown('config.toml names another provider');
    return no(auth ? 'auth.json holds no login' : 'no auth.json');
  },

  async claude({ env, home, platform }) {
    const folder = env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude');
    const kept = await readSmallJson(join(folder, '.credentials.json'));
    if (holdsToken(kept?.['claudeAiOauth'])) return yes('.credentials.json');
    const settings = await readSmallJson(join(folder, 'settings.json'));
    if (settings && ('apiKeyHelper' in settings || 'env' in settings)) {
      return unknown('settings.json names a key or another provider');
    }
    if (platform === 'darwin') return unknown('keychain');
    return no(kept ? '.credentials.json holds no login' : 'no .credentials.json');
  },

  async gemini({ home }) {
    const folder = join(home, '.gemini');
    if (holdsToken(await readSmallJson(join(folder, 'oauth_creds.json')))) return yes('oauth_creds.json');
    if (setsVariable(await readSmallFile(join(folder, '.env')), ['GEMINI_API_KEY', 'GOOGLE_API_KEY'])) {
      return yes('~/.gemini/.env');
    }
    if ((await readSmallFile(join(folder, 'gemini-credentials.json'))) !== null) {
      return unknown('gemini-credentials.json is encrypted');
    }
    return bySettings(await readSmallJson(join(folder, 'settings.json')), 'no oauth_creds.json');
  },

  async qwen({ home }) {
    const folder = join(home, '.qwen');
    if (holdsToken(await readSmallJson(join(folder, 'oauth_creds.json')))) return yes('oauth_creds.json');
    if (setsVariable(await readSmallFile(join(folder, '.env')), ['OPENAI_API_KEY'])) {
      return yes('~/.qwen/.env');
    }
    return bySettings(await readSmallJson(join(folder, 'settings.json')), 'no oauth_creds.json');
  },

  async opencode({ env, home }) {
    const data = join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'opencode');
    const auth = await readSmallJson(join(data, 'auth.json'));
    if (auth && Object.values(auth).some((entry) => isRecord(entry) && isFilled(entry['type']))) {
      return yes('auth.json');
    }
    const config = join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'opencode');
    for (const file of ['opencode.json', 'opencode.jsonc', 'config.json']) {
      const text = await readSmallFile(join(config, file));
      if (text !== null && text.includes('"provider"')) return unknown(`${file} names providers`);
    }
    return no(auth ? 'auth.json holds no login' : 'no auth.json');
  },

  async goose({ env, home }) {
    const config = join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'goose');
    if ((await readSmallFile(join(config, 'secrets.yaml'))) !== null) return unknown('secrets.yaml');
    return (await readSmallFile(join(config, 'config.yaml'))) === null
      ? no('no config.yaml')
      : unknown('keyring');
  },
};

/**
 * Whether an agent has a login, from what it would find when it starts: a key in its environment, or its own files.
 * @param known null for a program that is not known here: then nothing can be said
 */
export async function loginState(known: KnownAgent | null, place: LoginPlace): Promise<LoginState> {
  const variable = known?.keyVariables.find((name) => isFilled(place.env[name]));
  if (variable !== undefined) return yes(variable);
  const look = known && looks[known.name];
  const home = place.env['HOME'] ?? place.env['USERPROFILE'];
  if (!look || home === undefined) return unknown('not a program that is known here');
  return look({ ...place, home });
}

const isFilled = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';

const TOKENS = ['access_token', 'refresh_token', 'accessToken', 'refreshToken'];
const holdsToken = (value: unknown): boolean =>
  isRecord(value) && TOKENS.some((name) => isFilled(value[name]));

/** Whether a `.env` file gives one of these variables a value. */
function setsVariable(text: string | null, names: readonly string[]): boolean {
  const lines = text?.split('\n') ?? [];
  return lines.some((line) => {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*["']?([^"'\s#]*)/.exec(line) ?? [];
    return name !== undefined && names.includes(name) && isFilled(value);
  });
}

/** Another way to log in was chosen in the settings: a project, a key in the environment, somebody else's server. */
function bySettings(settings: Readonly<Record<string, unknown>> | null, otherwise: string): LoginState {
  const security = settings?.['security'];
  const auth = isRecord(security) ? security['auth'] : undefined;
  const chosen = isRecord(auth) ? auth['selectedType'] : settings?.['selectedAuthType'];
  // What the browser login leaves behind was looked for already, and is not there.
  if (!isFilled(chosen) || /^(?:oauth|login|qwen-oauth)/.test(String(chosen))) return no(otherwise);
  return unknown('settings.json names another way to log in');
}
