import { createHash } from 'node:crypto';
import { commands, isCommandName } from '../../contract/commands.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { HostError, Reply } from '../../contract/errors.ts';
import type { Caller } from './caller.ts';
import { text, type Database } from './database.ts';
import { instant, type Clock } from './ports.ts';
import type { Router } from './router.ts';

const KEPT_MS = 30 * 24 * 3_600_000;

export type OnceRouter = (
  caller: Caller,
  name: string,
  input: unknown,
  commandId: string | undefined,
) => Promise<Reply>;

/**
 * A command that carries an id happens once. The id is on the disk before the command runs: the same request again
 * gets the first answer, another request under the same id is a conflict, and a request whose answer was lost in a
 * crash is answered `unavailable` with `unknown: true`, never run again by itself.
 */
export function createOnceRouter(deps: { router: Router; db: Database; clock: Clock }): OnceRouter {
  const { router, db, clock } = deps;
  const running = new Map<string, Promise<Reply>>();
  // A phone gives up on a command long before; what is kept longer would only grow.
  db.run('DELETE FROM seen_commands WHERE seen_at < ?', instant(clock.now() - KEPT_MS));

  function refuse(error: HostError): Reply {
    return { ok: false, error: error.toWire() };
  }

  function earlier(
    key: string,
    sha256: string,
    row: { request: string; reply: string | null },
  ): Reply | Promise<Reply> {
    if (row.request !== sha256) {
      return refuse(new HostError('conflict', 'this command id was used for another request'));
    }
    const waiting = running.get(key);
    if (waiting) return waiting;
    if (row.reply !== null) return Reply.parse(JSON.parse(row.reply));
    return refuse(
      new HostError('unavailable', 'what became of this command is unknown; it was not sent again', {
        unknown: true,
      }),
    );
  }

  async function first(
    caller: Caller,
    name: string,
    input: unknown,
    commandId: string,
    key: string,
  ): Promise<Reply> {
    const reply = await router(caller, name, input);
    db.run(
      'UPDATE seen_commands SET reply = ? WHERE principal = ? AND command_id = ?',
      JSON.stringify(reply),
      caller.principal,
      commandId,
    );
    running.delete(key);
    return reply;
  }

  return async (caller, name, input, commandId) => {
    const reads = !isCommandName(name) || commands[name].risk === 'none';
    // The owner's own carriers are local and ordered; only a device's can lose an answer on the way.
    if (commandId === undefined || reads || caller.deviceId === null) return router(caller, name, input);
    const key = `${caller.principal}\n${commandId}`;
    const sha256 = createHash('sha256').update(canonicalJson({ name, input })).digest('hex');
    const row = db.get(
      'SELECT request_sha256, reply FROM seen_commands WHERE principal = ? AND command_id = ?',
      caller.principal,
      commandId,
    );
    if (row) {
      const reply = typeof row['reply'] === 'string' ? row['reply'] : null;
      return earlier(key, sha256, { request: text(row, 'request_sha256'), reply });
    }
    db.run(
      'INSERT INTO seen_commands (principal, command_id, request_sha256, seen_at) VALUES (?, ?, ?, ?)',
      caller.principal,
      commandId,
      sha256,
      instant(clock.now()),
    );
    const reply = first(caller, name, input, commandId, key);
    running.set(key, reply);
    return reply;
  };
}
