import { basename, isAbsolute } from 'node:path';
import type { Agent } from '../../../contract/agents.ts';
import type { Definition } from './definitions.ts';
import { inheritedNames, knownAgents, knownByCommand, type KnownAgent } from './known-agents.ts';
import { loginState, type LoginState } from './login-state.ts';
import { findProgram } from './program-lookup.ts';
import type { Settings } from './settings.ts';
import type { Versions } from './versions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SurveyDeps {
  readonly hostEnv: Environment;
  readonly builtIn: { readonly demoArgv: readonly string[]; readonly version: string };
  readonly versions: Pick<Versions, 'known'>;
  readonly settings: (name: string) => Settings;
  /** The values of an agent's environment; null while they cannot be read. */
  readonly environment: (definition: Definition) => Promise<Readonly<Record<string, string>> | null>;
}

/** An agent with what it takes to start it. */
export interface Startable {
  readonly agent: Agent;
  /** The program as an absolute path; null while it is missing. */
  readonly program: string | null;
  readonly known: KnownAgent | null;
  /** The file whose package tells the version; null where only an interpreter or a package runner is known. */
  readonly versioned: string | null;
  /** Values for its environment, without the key that is kept for it. */
  readonly env: Readonly<Record<string, string>>;
}

interface Found {
  readonly name: string;
  readonly title: string;
  readonly source: Agent['source'];
  readonly argv: readonly string[];
  /** Null: its values cannot be read. */
  readonly env: Readonly<Record<string, string>> | null;
  readonly envNames: readonly string[];
  readonly inherit: readonly string[];
}

const NONE = { env: {}, envNames: [], inherit: [] };

/**
 * All agents by name: the built-in one, those that were added, and those whose program is found. An added one goes
 * before a found one of the same name. Looks at files only; starts nothing.
 */
export async function surveyAgents(
  added: readonly Definition[],
  deps: SurveyDeps,
): Promise<Map<string, Startable>> {
  const wanted = new Map<string, Found>();
  const demo = { name: 'demo', title: 'Demo agent', source: 'built-in' } as const;
  wanted.set('demo', { ...demo, argv: deps.builtIn.demoArgv, ...NONE });
  for (const definition of added) {
    const env = await deps.environment(definition);
    wanted.set(definition.name, { ...definition, env, source: 'user' });
  }
  for (const known of knownAgents) {
    if (wanted.has(known.name)) continue;
    const program = await findProgram(known.program, deps.hostEnv);
    if (program === null) continue;
    const { name, title, args } = known;
    wanted.set(name, { name, title, source: 'detected', argv: [program, ...args], ...NONE });
  }
  const described = await Promise.all([...wanted.values()].map((found) => describe(found, deps)));
  return new Map(described.map((one) => [one.agent.name, one]));
}

async function describe(found: Found, deps: SurveyDeps): Promise<Startable> {
  const { name, title, source, argv, inherit } = found;
  const known = source === 'built-in' ? null : knownByCommand(argv);
  const env = { ...known?.env, ...found.env };
  const { mcp, keyVariable } = deps.settings(name);
  const program = await findProgram(argv[0] ?? '', deps.hostEnv);
  const { login, note } =
    source === 'built-in'
      ? { login: 'yes' as const, note: 'needs none' }
      : await loginOf(known, { env, inherit, keyVariable, hostEnv: deps.hostEnv });
  const versioned = program && versionedFile(program, argv);
  const version =
    source === 'built-in' ? deps.builtIn.version : versioned && (await deps.versions.known(versioned));
  return {
    program,
    known,
    versioned,
    env,
    agent: {
      id: name,
      ...{ name, title, source, keyVariable, mcp, login, version },
      state: program === null ? 'missing' : found.env === null ? 'unreadable' : 'available',
      argv: [...argv],
      envNames: [...new Set([...found.envNames, ...inherit])].sort(),
      inherits: [...inherit].sort(),
      loginNote: note,
    },
  };
}

const RUNNERS = /^(?:node|bun|bunx|deno|npx|npm|pnpm|yarn|uv|uvx|python[\d.]*|sh|bash|env)(?:\.exe|\.cmd)?$/;

/** What a runner starts has a version, not the runner. Pure. */
function versionedFile(program: string, argv: readonly string[]): string | null {
  if (!RUNNERS.test(basename(program))) return program;
  const script = argv[1];
  return script !== undefined && isAbsolute(script) ? script : null;
}

async function loginOf(
  known: KnownAgent | null,
  from: {
    env: Readonly<Record<string, string>>;
    inherit: readonly string[];
    keyVariable: string | null;
    hostEnv: Environment;
  },
): Promise<LoginState> {
  if (from.keyVariable !== null) return { login: 'yes', note: `${from.keyVariable}, kept by this host` };
  const places = ['HOME', 'USERPROFILE', ...inheritedNames, ...from.inherit];
  const taken = Object.fromEntries(places.map((name) => [name, from.hostEnv[name]]));
  return loginState(known, { env: { ...taken, ...from.env }, platform: process.platform });
}
