import { isFields, type Fields, type Message } from './message.ts';

/** Whose files and terminals an agent works with: those beside it, or those of the editor. */
export type HostOwnership = 'remote' | 'passthrough';

export interface Rewriting {
  readonly host: HostOwnership;
  /** The folder there, in place of what the editor names; null leaves it. */
  readonly cwd: string | null;
}

const OPENS_FOLDER = ['session/new', 'session/load', 'session/resume', 'session/fork'];

/**
 * The params that a request goes out with, when they are not those it came with; null leaves the bytes as they are.
 * Pure.
 */
export function rewrittenParams({ method, params }: Message, { host, cwd }: Rewriting): Fields | null {
  if (!params || method === undefined) return null;
  if (method === 'initialize') return host === 'remote' ? withoutHost(params) : null;
  if (cwd === null) return null;
  // A list may be asked for without a folder.
  const hasFolder = OPENS_FOLDER.includes(method) || (method === 'session/list' && 'cwd' in params);
  return hasFolder && params['cwd'] !== cwd ? { ...params, cwd } : null;
}

/** What the editor can do, but for its files and terminals. Revision 2 has neither, and keeps its own words. */
function withoutHost(params: Fields): Fields | null {
  const { clientCapabilities } = params;
  if (!isFields(clientCapabilities)) return null;
  return {
    ...params,
    clientCapabilities: {
      ...clientCapabilities,
      fs: { readTextFile: false, writeTextFile: false },
      terminal: false,
    },
  };
}

/** Requests that would reach the files or terminals of the editor's machine. */
export function isOfHost(method: string): boolean {
  return method.startsWith('fs/') || method.startsWith('terminal/');
}
