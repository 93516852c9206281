import * as z from 'zod';
import { AgentName } from '../../../contract/agents.ts';
import { text, type Database } from '../../kernel/database.ts';

/** What the database keeps of an agent that was added: with the values that no state ever carries. */
const Definition = z.strictObject({
  name: AgentName,
  title: z.string(),
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  inherit: z.array(z.string()).default([]),
});
export type Definition = z.infer<typeof Definition>;

export interface Definitions {
  all(): Definition[];
  get(name: string): Definition | null;
  put(definition: Definition): void;
  remove(name: string): boolean;
}

export function createDefinitions(db: Database): Definitions {
  const read = (body: string) => Definition.parse(JSON.parse(body));
  return {
    all: () => db.all('SELECT body FROM agents ORDER BY name').map((row) => read(text(row, 'body'))),
    get(name) {
      const row = db.get('SELECT body FROM agents WHERE name = ?', name);
      return row ? read(text(row, 'body')) : null;
    },
    put: (definition) =>
      void db.run(
        'INSERT OR REPLACE INTO agents (name, body) VALUES (?, ?)',
        definition.name,
        JSON.stringify(definition),
      ),
    remove: (name) => db.run('DELETE FROM agents WHERE name = ?', name) === 1,
  };
}
