import * as z from 'zod';
import { AgentName } from '../../../contract/agents.ts';
import { text, type Database } from '../../kernel/database.ts';

/** What the database keeps of an agent that was added: of its environment only the names. */
const Definition = z.strictObject({
  name: AgentName,
  title: z.string(),
  argv: z.array(z.string()).min(1),
  /** Variables with values of its own, which the secret store holds. */
  envNames: z.array(z.string()),
  inherit: z.array(z.string()).default([]),
});
export type Definition = z.infer<typeof Definition>;

/** Earlier versions wrote the values beside the names. */
const WithValues = Definition.omit({ envNames: true }).extend({ env: z.record(z.string(), z.string()) });
export type WithValues = z.infer<typeof WithValues>;

export interface Definitions {
  all(): Definition[];
  get(name: string): Definition | null;
  put(definition: Definition): void;
  remove(name: string): boolean;
  /** Those whose values still stand in the database. */
  withValues(): WithValues[];
  /** Keeps the names alone, and leaves nothing of the values in the file. False: there is no such agent any more. */
  dropValues(name: string): boolean;
}

export function createDefinitions(db: Database): Definitions {
  const Row = z.union([Definition, WithValues]);
  const rows = () => db.all('SELECT body FROM agents ORDER BY name').map((row) => read(text(row, 'body')));
  const read = (body: string) => Row.parse(JSON.parse(body));
  const find = (name: string) => {
    const row = db.get('SELECT body FROM agents WHERE name = ?', name);
    return row ? read(text(row, 'body')) : null;
  };
  const put = (definition: Definition): void =>
    void db.run(
      'INSERT OR REPLACE INTO agents (name, body) VALUES (?, ?)',
      definition.name,
      JSON.stringify(definition),
    );
  return {
    put,
    all: () => rows().map(namesOnly),
    get(name) {
      const found = find(name);
      return found && namesOnly(found);
    },
    remove: (name) => db.run('DELETE FROM agents WHERE name = ?', name) === 1,
    withValues: () => rows().flatMap((row) => ('env' in row ? [row] : [])),
    dropValues(name) {
      const found = find(name);
      if (found === null) return false;
      put(namesOnly(found));
      // What was written before stands in free pages, and in the write-ahead log until that is begun anew.
      db.run('VACUUM');
      db.get('PRAGMA wal_checkpoint(TRUNCATE)');
      return true;
    },
  };
}

function namesOnly(row: Definition | WithValues): Definition {
  if (!('env' in row)) return row;
  const { env, ...rest } = row;
  return { ...rest, envNames: Object.keys(env).sort() };
}
