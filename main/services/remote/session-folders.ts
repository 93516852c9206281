import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { parsedMessage } from '../../acp/json-rpc.ts';
import { MAX_SESSIONS } from './limits.ts';

const OPENS: ReadonlySet<string> = new Set(['session/new', 'session/load', 'session/resume', 'session/fork']);
const Opening = z.object({ params: z.object({ cwd: z.string().max(4096) }) });

export interface SessionFolders {
  /** The client asks for a session; where, is remembered until the agent has answered. */
  asked(key: string, method: string, frame: Buffer): void;
  answered(key: string, sessionId: string | null): void;
  folderOf(sessionId: string): string | null;
  count(): number;
}

/**
 * The folder of each session, as the client named it and the agent accepted it. Only a session that the agent has
 * opened has one: a client must not move the folder of a session by asking for it again in vain.
 */
export function createSessionFolders(): SessionFolders {
  const asked = new Map<string, string>();
  const folders = new Map<string, string>();
  return {
    asked(key, method, frame) {
      if (!OPENS.has(method)) return;
      const read = Opening.safeParse(parsedMessage(frame));
      if (read.success && isAbsolute(read.data.params.cwd)) asked.set(key, read.data.params.cwd);
    },
    answered(key, sessionId) {
      const folder = asked.get(key);
      asked.delete(key);
      if (folder !== undefined && sessionId !== null && folders.size < MAX_SESSIONS)
        folders.set(sessionId, folder);
    },
    folderOf: (sessionId) => folders.get(sessionId) ?? null,
    count: () => folders.size,
  };
}
