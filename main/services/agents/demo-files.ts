import { lstat, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { methods, type AgentContext, type ClientCapabilities } from '@agentclientprotocol/sdk';

const MAX_BYTES = 1_048_576;

/** The files of one session: through the client where it offers that, else directly, and never outside the folder. */
export interface DemoFiles {
  absolute(path: string): string;
  /** null when there is no such file. */
  read(path: string): Promise<string | null>;
  write(path: string, content: string): Promise<void>;
}

export function createDemoFiles(options: {
  cwd: string;
  sessionId: string;
  client: AgentContext;
  capabilities: ClientCapabilities['fs'];
}): DemoFiles {
  const { cwd, sessionId, client, capabilities } = options;

  function absolute(path: string): string {
    const full = isAbsolute(path) ? path : resolve(cwd, path);
    const inside = relative(cwd, full);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw new Error(`${path} is outside ${cwd}`);
    }
    return full;
  }

  async function exists(path: string): Promise<boolean> {
    const found = await lstat(path).catch(() => null);
    return found !== null;
  }

  async function ownPath(path: string): Promise<string> {
    const full = absolute(path);
    // The folder may hold links; what is read and written must still lie in it.
    const parent = await realpath(dirname(full));
    const root = await realpath(cwd);
    if (parent !== root && !parent.startsWith(root + sep)) throw new Error(`${path} is outside ${cwd}`);
    const found = await lstat(full).catch(() => null);
    if (found && (!found.isFile() || found.size > MAX_BYTES))
      throw new Error(`${path} is no file of up to 1 MiB`);
    return join(parent, full.slice(dirname(full).length + 1));
  }

  return {
    absolute,
    async read(path) {
      const full = absolute(path);
      if (!(await exists(full))) return null;
      if (capabilities?.readTextFile === true) {
        const { content } = await client.request(methods.client.fs.readTextFile, { sessionId, path: full });
        return content;
      }
      return readFile(await ownPath(path), 'utf8');
    },
    async write(path, content) {
      if (capabilities?.writeTextFile === true) {
        await client.request(methods.client.fs.writeTextFile, { sessionId, path: absolute(path), content });
        return;
      }
      await writeFile(await ownPath(path), content);
    },
  };
}
