import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { KnownAgent } from './known-agents.ts';
import { isRecord } from './small-file.ts';
import { updateJsonFile, type JsonObject } from './update-json-file.ts';

/** The name under which the bridge stands in the settings of an agent. */
const ENTRY = 'signalbox';

type Environment = Readonly<Record<string, string | undefined>>;

interface Form {
  file(env: Environment, home: string): string;
  /** The object in the settings that holds MCP servers by name. */
  readonly servers: string;
  entry(url: string, headers: JsonObject): JsonObject;
}

const google = (folder: string): Form => ({
  file: (_env, home) => join(home, folder, 'settings.json'),
  servers: 'mcpServers',
  entry: (httpUrl, headers) => ({ httpUrl, headers }),
});

/** Where each agent keeps its MCP servers, and how one is written there. Those with JSON settings only. */
const forms: Readonly<Record<string, Form>> = {
  claude: {
    file: (env, home) => join(env['CLAUDE_CONFIG_DIR'] ?? home, '.claude.json'),
    servers: 'mcpServers',
    entry: (url, headers) => ({ type: 'http', url, headers }),
  },
  gemini: google('.gemini'),
  qwen: google('.qwen'),
  opencode: {
    file: (env, home) => join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'opencode', 'opencode.json'),
    servers: 'mcp',
    entry: (url, headers) => ({ type: 'remote', url, enabled: true, headers }),
  },
};

export interface BridgeSettings {
  readonly file: string;
  /** @throws HostError `conflict` when an entry of that name is there that is not ours */
  write(url: string, token: string, isOurs: boolean): void;
  /** False when there was none. */
  remove(): boolean;
}

/**
 * The settings of an agent as far as they name the bridge.
 * @throws HostError `invalid_input` for an agent whose settings are not JSON
 */
export function bridgeSettings(known: KnownAgent | null, env: Environment): BridgeSettings {
  const form = known && forms[known.name];
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (!form || home === undefined) {
    throw new HostError(
      'invalid_input',
      `the settings of this agent are no JSON that Signalbox can change; make a token (signalbox mcp token create) and add the bridge by hand; with: ${Object.keys(forms).join(', ')}`,
    );
  }
  const file = form.file(env, home);

  const serversOf = (settings: JsonObject): JsonObject => {
    const servers = settings[form.servers];
    if (servers === undefined) return {};
    if (isRecord(servers)) return servers;
    throw new HostError('refused', `${file}: ${form.servers} is no list of servers by name`, { file });
  };

  return {
    file,
    write(url, token, isOurs) {
      updateJsonFile(file, (settings) => {
        const servers = serversOf(settings);
        if (ENTRY in servers && !isOurs) {
          throw new HostError(
            'conflict',
            `${file} names a server "${ENTRY}" already; rename that one first`,
            {
              file,
            },
          );
        }
        const entry = form.entry(url, { Authorization: `Bearer ${token}` });
        return { ...settings, [form.servers]: { ...servers, [ENTRY]: entry } };
      });
    },
    remove() {
      return updateJsonFile(file, (settings) => {
        const servers = serversOf(settings);
        if (!(ENTRY in servers)) return settings;
        const rest = Object.fromEntries(Object.entries(servers).filter(([name]) => name !== ENTRY));
        return { ...settings, [form.servers]: rest };
      });
    },
  };
}
