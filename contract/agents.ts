import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { TokenScope } from './gateway.ts';
import { TokenId } from './ids.ts';
import { WorkspaceRef } from './workspaces.ts';

export const AgentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'an agent name is 1 to 63 lower-case letters, digits or "-"');

const EnvName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of an environment variable is letters, digits and "_"');
const EnvNames = z.array(EnvName).max(64);

/** One argument as a program gets it. */
const Argument = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/, 'an argument may not contain NUL');

/**
 * Whether the agent has a login of its own, as far as its files tell. `unknown` where they do not: a keyring, a
 * setting that names another provider, a program that is not known.
 */
export const AgentLogin = z.enum(['yes', 'no', 'unknown']);
export type AgentLogin = z.infer<typeof AgentLogin>;

/** An ACP agent that this host can start. */
export const Agent = z.strictObject({
  id: AgentName,
  name: AgentName,
  title: z.string().max(128),
  source: z.enum(['built-in', 'detected', 'user']),
  /** `missing`: its program. `unreadable`: the values of its environment, in the store of secrets; it is not started. */
  state: z.enum(['available', 'missing', 'unreadable']),
  argv: z.array(z.string().max(4096)).min(1).max(256),
  /** Names of environment variables handed on beyond the minimal set; values stay out of the state. */
  envNames: EnvNames,
  /** Those of them whose values are taken from the environment of the host when the agent starts. */
  inherits: EnvNames,
  /** The version as the package or the program says it; null while nobody has asked, or where nothing says it. */
  version: z.string().max(64).nullable(),
  login: AgentLogin,
  /** What `login` was read from, or why it cannot be: names of files and variables, never content. */
  loginNote: z.string().max(256),
  /** The variable in which this host hands the agent a key that it keeps for it; null while it keeps none. */
  keyVariable: EnvName.nullable(),
  /** Whether tasks hand the MCP bridge to the agent. */
  mcp: z.boolean(),
});
export type Agent = z.infer<typeof Agent>;

const Text = z.string().max(256);

/** What an agent said about itself when it was started for this and asked. */
export const AgentCheck = z.strictObject({
  name: AgentName,
  /** The revision of ACP that it chose; 1 was offered. */
  protocolVersion: z.int().nonnegative(),
  /** Its own name and version, where it gives them. */
  agent: z.strictObject({ name: Text, version: Text }).nullable(),
  sessions: z.strictObject({
    load: z.boolean(),
    resume: z.boolean(),
    list: z.boolean(),
    delete: z.boolean(),
    fork: z.boolean(),
    close: z.boolean(),
  }),
  prompt: z.strictObject({ image: z.boolean(), audio: z.boolean(), embeddedContext: z.boolean() }),
  /** Ways to reach an MCP server that it knows beside a child of its own. */
  mcp: z.strictObject({ http: z.boolean(), sse: z.boolean() }),
  authMethods: z.array(z.strictObject({ id: Text, name: Text, description: z.string().max(1024) })).max(32),
  /** Whether a session could be opened; `not-tried` unless that was asked for. */
  session: z.enum(['opened', 'login-required', 'failed', 'not-tried']),
  /** What it said when no session could be opened; else empty. */
  problem: z.string().max(1024),
  /** Milliseconds from its start to its answer. */
  answeredAfterMs: z.number().nonnegative(),
});
export type AgentCheck = z.infer<typeof AgentCheck>;

export const agentCommands = {
  'agents.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'The agents of this host: built in, found on this machine, or added.',
    input: z.strictObject({
      /** For the owner: also asks programs whose package does not say their version; waits three seconds at most. */
      versions: z.boolean().default(false),
    }),
    output: z.strictObject({ agents: z.array(Agent) }),
  }),
  'agents.add': command({
    capability: 'own',
    risk: 'high',
    summary: 'Define an agent: any program that speaks ACP on stdin and stdout.',
    input: z.strictObject({
      name: AgentName,
      title: z.string().trim().min(1).max(128).optional(),
      argv: z.array(Argument).min(1).max(256),
      env: z.record(EnvName, z.string().max(32_768)).default({}),
      /** Variables to take from the environment of the host, credentials included: the owner names each. */
      inherit: EnvNames.default([]),
      mcp: z.boolean().default(false),
    }),
    output: Agent,
  }),
  'agents.configure': command({
    capability: 'own',
    risk: 'high',
    summary: 'Say whether tasks hand the MCP bridge to an agent.',
    input: z.strictObject({ name: AgentName, mcp: z.boolean() }),
    output: Agent,
  }),
  'agents.remove': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Forget an agent that was added, with the key that is kept for it.',
    input: z.strictObject({ name: AgentName }),
    output: Nothing,
  }),
  'agents.check': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Start an agent, ask what it can do, and end it.',
    input: z.strictObject({
      name: AgentName,
      /** Also opens a session in an empty folder, which shows whether it asks for a login first. */
      session: z.boolean().default(false),
    }),
    output: AgentCheck,
  }),
  'agents.login': command({
    capability: 'own',
    risk: 'high',
    summary: 'Keep a key for an agent and hand it to that agent alone, in an environment variable.',
    input: z.strictObject({
      name: AgentName,
      /** The variable; if it is not given, the one that the agent is known to read. */
      variable: EnvName.optional(),
      key: z
        .string()
        .min(8)
        .max(16_384)
        .regex(/^[\x21-\x7e]+$/, 'a key is printable ASCII without spaces'),
    }),
    output: Agent,
  }),
  'agents.logout': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Forget the key that is kept for an agent. Its own login stays as it is.',
    input: z.strictObject({ name: AgentName }),
    output: Agent,
  }),
  'agents.connectBridge': command({
    capability: 'own',
    risk: 'high',
    summary:
      "Write the MCP bridge with a token of its own into an agent's settings, for when you start it yourself.",
    input: z.strictObject({
      name: AgentName,
      scope: TokenScope.default('read'),
      workspace: WorkspaceRef.optional(),
    }),
    output: z.strictObject({ file: z.string(), tokenId: TokenId }),
  }),
  'agents.disconnectBridge': command({
    capability: 'own',
    risk: 'medium',
    summary: "Take the MCP bridge out of an agent's settings and end its token.",
    input: z.strictObject({ name: AgentName }),
    output: z.strictObject({ file: z.string() }),
  }),
};

export const AgentChanged = z.strictObject({ type: z.literal('agent.changed'), agent: Agent });
export const AgentRemoved = z.strictObject({ type: z.literal('agent.removed'), name: AgentName });
