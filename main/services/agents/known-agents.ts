import { findProgram } from './program-lookup.ts';

/** Programs that speak ACP on stdin and stdout, as their makers publish them. The first one found gives the name. */
export interface KnownAgent {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Environment variables in which it takes a key, the usual one first. None: it takes many, or only its own login. */
  readonly keyVariables: readonly string[];
  /** What it is always started with. */
  readonly env?: Readonly<Record<string, string>>;
}

const codexKeys = ['OPENAI_API_KEY', 'CODEX_API_KEY'];
const claudeKeys = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'];

export const knownAgents: readonly KnownAgent[] = [
  { name: 'codex', title: 'Codex', program: 'codex-acp', args: [], keyVariables: codexKeys },
  { name: 'claude', title: 'Claude', program: 'claude-agent-acp', args: [], keyVariables: claudeKeys },
  // The same adapter before it was renamed.
  { name: 'claude', title: 'Claude', program: 'claude-code-acp', args: [], keyVariables: claudeKeys },
  {
    name: 'gemini',
    title: 'Gemini',
    program: 'gemini',
    args: ['--acp'],
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    // It would start itself once more to get a larger heap; the process that is watched is to be the one that works.
    env: { GEMINI_CLI_NO_RELAUNCH: 'true' },
  },
  { name: 'opencode', title: 'OpenCode', program: 'opencode', args: ['acp'], keyVariables: [] },
  { name: 'qwen', title: 'Qwen Code', program: 'qwen', args: ['--acp'], keyVariables: ['OPENAI_API_KEY'] },
  { name: 'goose', title: 'Goose', program: 'goose', args: ['acp'], keyVariables: [] },
  { name: 'pi', title: 'Pi', program: 'pi-acp', args: [], keyVariables: [] },
];

/** Where agents keep their settings and logins, if the person moved them. Places, never credentials. */
export const inheritedNames: readonly string[] = [
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'CODEX_HOME',
  'CLAUDE_CONFIG_DIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/**
 * The known agent that a command starts, by the name of its program or of the script that an interpreter is given
 * first. Pure.
 */
export function knownByCommand(argv: readonly string[]): KnownAgent | null {
  for (const argument of argv.slice(0, 2)) {
    const base = argument
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.(?:exe|cmd|js|mjs)$/i, '');
    const found = knownAgents.find(({ program }) => program === base);
    if (found) return found;
  }
  return null;
}

/** For checks that know no host: which agents are looked for, and whether this machine has the program of one. */
export const agentLookup = {
  agents: knownAgents,
  finds: async (program: string): Promise<boolean> => (await findProgram(program, process.env)) !== null,
};
