/** Programs that speak ACP on stdin and stdout, as their makers publish them. The first one found gives the name. */
export interface KnownAgent {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
}

export const knownAgents: readonly KnownAgent[] = [
  { name: 'codex', title: 'Codex', program: 'codex-acp', args: [] },
  { name: 'claude', title: 'Claude', program: 'claude-agent-acp', args: [] },
  { name: 'claude', title: 'Claude', program: 'claude-code-acp', args: [] },
  { name: 'gemini', title: 'Gemini', program: 'gemini', args: ['--acp'] },
  { name: 'opencode', title: 'OpenCode', program: 'opencode', args: ['acp'] },
  { name: 'qwen', title: 'Qwen Code', program: 'qwen', args: ['--acp'] },
  { name: 'goose', title: 'Goose', program: 'goose', args: ['acp'] },
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
