import * as z from 'zod';
import type { Log, SecretStore } from '../../kernel/ports.ts';
import type { Definition, Definitions } from './definitions.ts';

const Kept = z.strictObject({ v: z.literal(1), env: z.record(z.string(), z.string()) });
type Values = Readonly<Record<string, string>>;

export interface Environments {
  /** The values of an agent's environment; null while they cannot be read, or are not those of this definition. */
  of(definition: Definition): Promise<Values | null>;
  /** Defines an agent. When its values cannot be kept it is not defined. */
  define(definition: Omit<Definition, 'envNames'>, env: Values): Promise<void>;
  forget(name: string): Promise<void>;
  /** Takes values that an earlier version wrote into the database out of it; what fails is tried again next time. */
  moveOut(): Promise<void>;
}

const EMPTY: Values = {};

/**
 * Values of agents' environments: the database knows their names, the secret store holds them. In the store and in
 * memory they stand as a whole, so that an agent has all of them or is not started.
 */
export function createEnvironments(deps: {
  readonly definitions: Definitions;
  readonly secrets: SecretStore;
  readonly log: Log;
}): Environments {
  const { definitions, secrets, log } = deps;
  const read = new Map<string, Values>();
  const secretOf = (name: string) => `agent-env-${name}`;

  async function keep(name: string, env: Values): Promise<void> {
    await secrets.set(secretOf(name), Buffer.from(JSON.stringify({ v: 1, env }), 'utf8'));
    const back = await load(name);
    if (back === null || !hasNames(back, Object.keys(env)) || !isSame(back, env))
      throw new Error(`what was kept for agent "${name}" is not what the secret store gives back`);
  }

  async function load(name: string): Promise<Values | null> {
    const bytes = await secrets.get(secretOf(name));
    if (bytes === null) return null;
    try {
      return Kept.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).env;
    } catch {
      return null;
    }
  }

  return {
    async of({ name, envNames }) {
      if (envNames.length === 0) return EMPTY;
      const before = read.get(name);
      if (before && hasNames(before, envNames)) return before;
      try {
        const values = await load(name);
        if (values === null || !hasNames(values, envNames)) return null;
        read.set(name, values);
        return values;
      } catch (error) {
        log.warn({ agent: name, error: String(error) }, 'the environment of an agent could not be read');
        return null;
      }
    },
    async define(definition, env) {
      const { name } = definition;
      // The row first: what a crash leaves in between is an agent that is shown and not started, never a lost secret.
      definitions.put({ ...definition, envNames: Object.keys(env).sort() });
      read.delete(name);
      if (Object.keys(env).length === 0) return;
      try {
        await keep(name, env);
      } catch (error) {
        definitions.remove(name);
        throw error;
      }
    },
    async forget(name) {
      read.delete(name);
      await secrets.delete(secretOf(name));
    },
    async moveOut() {
      for (const { name, env } of definitions.withValues()) {
        try {
          if (Object.keys(env).length > 0) await keep(name, env);
          // Removed in the meantime: what was just kept is nobody's.
          if (!definitions.dropValues(name)) await secrets.delete(secretOf(name));
          log.info({ agent: name }, 'the environment of an agent was moved to the secret store');
        } catch (error) {
          log.warn({ agent: name, error: String(error) }, 'the environment of an agent could not be moved');
        }
      }
    },
  };
}

function hasNames(values: Values, names: readonly string[]): boolean {
  return Object.keys(values).sort().join('\n') === [...names].sort().join('\n');
}

const isSame = (a: Values, b: Values): boolean =>
  Object.entries(b).every(([name, value]) => a[name] === value);
