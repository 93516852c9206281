import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installAgent, type NpmAgent } from './npm-agent.ts';

/** An agent that others wrote, with the scripted model behind it and a home of its own. */
export interface ThirdPartyAgent {
  readonly name: string;
  readonly install: () => Promise<string>;
  /**
   * Writes its settings into an empty folder.
   * @param model base address of the scripted model, without `/v1`
   * @param folder where it is to work
   */
  readonly prepare: (options: { program: string; home: string; model: string; folder: string }) => {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** Package and version. */
  readonly label: string;
}

const CODEX: NpmAgent = {
  package: '@zed-industries/codex-acp',
  version: '0.16.0',
  integrity:
    'sha512-XKzqztT5R8Wg1BVFnk6/U4JVx5GNUaZgxpf9gP2Cw6BsknvJWh3aefcAGZQljgdMivRqczjNKYL4F6H65dc5vA==',
  program: '@zed-industries/codex-acp/bin/codex-acp.js',
  megabytes: 90,
};
const CLAUDE: NpmAgent = {
  package: '@agentclientprotocol/claude-agent-acp',
  version: '0.49.0',
  integrity:
    'sha512-AXwPU9fgPDmaJiDbPG80gAVSTF2F/3ANlsG3NtYeSBjv9fA6PeSEwkrMPt0JWwoHaPiYzjAe0IA5dWadMFh4kA==',
  program: '@agentclientprotocol/claude-agent-acp/dist/index.js',
  megabytes: 110,
};
/** The build for processors without AVX2 runs on all of them. */
const OPENCODE: NpmAgent = {
  package: 'opencode-ai',
  version: '1.18.33',
  integrity:
    'sha512-58P1ffLRXiAY4QeoABqUjqf6DEzm1ihpovvn9Ad+oOLbLiwK/rf88wruT9IATJ7AtNjmi8iA7pC8tN4o5y799Q==',
  program: `opencode-${process.platform}-${process.arch}${process.arch === 'x64' ? '-baseline' : ''}/bin/opencode`,
  megabytes: 140,
};

export const codex: ThirdPartyAgent = {
  name: 'codex',
  label: `${CODEX.package} ${CODEX.version}`,
  install: () => installAgent(CODEX),
  prepare({ program, home, model, folder }) {
    const settings = join(home, 'codex');
    mkdirSync(settings);
    writeFileSync(join(settings, 'config.toml'), codexSettings(model, folder));
    return {
      argv: [process.execPath, program],
      env: { HOME: home, CODEX_HOME: settings, SCRIPTED_MODEL_KEY: 'none' },
    };
  },
};

export const thirdPartyAgents: readonly ThirdPartyAgent[] = [
  codex,
  {
    name: 'claude',
    label: `${CLAUDE.package} ${CLAUDE.version}`,
    install: () => installAgent(CLAUDE),
    prepare: ({ program, home, model }) => ({
      argv: [process.execPath, program],
      env: {
        HOME: home,
        CLAUDE_CONFIG_DIR: join(home, 'claude'),
        ANTHROPIC_BASE_URL: model,
        ANTHROPIC_API_KEY: 'none-of-anybody',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        // It refuses to work for root otherwise, and tests in a container are root.
        IS_SANDBOX: '1',
      },
    }),
  },
  {
    name: 'opencode',
    label: `${OPENCODE.package} ${OPENCODE.version}`,
    install: () => installAgent(OPENCODE),
    prepare({ program, home, model }) {
      const folder = join(home, '.config', 'opencode');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'opencode.json'), opencodeSettings(model));
      return {
        argv: [program, 'acp'],
        env: { HOME: home, OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' },
      };
    },
  },
];

function codexSettings(model: string, folder: string): string {
  return [
    'model = "scripted"',
    'model_provider = "scripted"',
    'approval_policy = "untrusted"',
    'sandbox_mode = "workspace-write"',
    '[model_providers.scripted]',
    'name = "scripted"',
    `base_url = "${model}/v1"`,
    'wire_api = "responses"',
    'env_key = "SCRIPTED_MODEL_KEY"',
    // Its sandbox is made for the folder that it was started in, which need not be that of a session.
    '[sandbox_workspace_write]',
    `writable_roots = [${JSON.stringify(folder)}]`,
    '',
  ].join('\n');
}

function opencodeSettings(model: string): string {
  const scripted = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Scripted',
    options: { baseURL: `${model}/v1`, apiKey: 'none' },
    models: { scripted: { name: 'Scripted', tool_call: true, limit: { context: 100_000, output: 4000 } } },
  };
  return JSON.stringify({
    autoupdate: false,
    share: 'disabled',
    model: 'scripted/scripted',
    small_model: 'scripted/scripted',
    provider: { scripted },
    permission: { bash: 'ask', edit: 'ask' },
  });
}
