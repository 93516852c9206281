import * as z from 'zod';
import { TokenId } from '../../../contract/ids.ts';
import { text, type Database } from '../../kernel/database.ts';
import type { SecretStore } from '../../kernel/ports.ts';

/** What the owner has said about an agent, whoever defined it. */
const Settings = z.strictObject({
  mcp: z.boolean(),
  /** The variable for the key that is kept in the secret store; null while there is none. */
  keyVariable: z.string().nullable(),
  /** The token in the agent's own settings file; null while the bridge does not stand there. */
  bridgeToken: TokenId.nullable().default(null),
});
export type Settings = z.infer<typeof Settings>;

const untouched: Settings = { mcp: false, keyVariable: null, bridgeToken: null };

export interface AgentSettings {
  get(name: string): Settings;
  put(name: string, settings: Settings): void;
  /** The key that is kept for an agent; null while there is none. */
  key(name: string): Promise<{ variable: string; value: string } | null>;
  keepKey(name: string, variable: string, value: string): Promise<void>;
  dropKey(name: string): Promise<void>;
  /** Takes settings and key of a name away, so that the next agent of that name gets neither. */
  forget(name: string): Promise<void>;
}

/** Settings in the database, keys in the secret store: one place for everything that must not be read. */
export function createAgentSettings(db: Database, secrets: SecretStore): AgentSettings {
  const get = (name: string): Settings => {
    const row = db.get('SELECT body FROM agent_settings WHERE name = ?', name);
    return row ? Settings.parse(JSON.parse(text(row, 'body'))) : untouched;
  };
  const put = (name: string, settings: Settings): void =>
    void db.run(
      'INSERT OR REPLACE INTO agent_settings (name, body) VALUES (?, ?)',
      name,
      JSON.stringify(settings),
    );
  const secretOf = (name: string) => `agent-key-${name}`;

  async function dropKey(name: string): Promise<void> {
    const settings = get(name);
    if (settings.keyVariable === null) return;
    // First the key, then the note that there is one: what a crash leaves in between can be dropped again.
    await secrets.delete(secretOf(name));
    put(name, { ...settings, keyVariable: null });
  }

  return {
    get,
    put,
    dropKey,
    async key(name) {
      const { keyVariable } = get(name);
      if (keyVariable === null) return null;
      const value = await secrets.get(secretOf(name));
      return value === null ? null : { variable: keyVariable, value: Buffer.from(value).toString('utf8') };
    },
    async keepKey(name, variable, value) {
      await secrets.set(secretOf(name), Buffer.from(value, 'utf8'));
      put(name, { ...get(name), keyVariable: variable });
    },
    async forget(name) {
      await dropKey(name);
      db.run('DELETE FROM agent_settings WHERE name = ?', name);
    },
  };
}
