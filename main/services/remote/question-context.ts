import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ActionContext } from '../../acp/tool-action.ts';
import type { Roots } from '../../acp/workspace-files.ts';
import type { Folders, WorkspaceFolder } from './ports.ts';

export interface ContextDeps {
  readonly agent: string;
  readonly principal: string;
  readonly folders: Folders;
  readonly roots: Roots;
  readonly sanitize: (text: string) => string;
}

/**
 * Runs `use` with what a tool call of a remote session is measured by: its workspace, or its own folder where no
 * workspace is around it. The folder is open only meanwhile.
 * @param folder of the session; null when it is not known
 * @throws HostError `refused` when nobody can say where the session works
 */
export async function withContext<T>(
  deps: ContextDeps,
  folder: string | null,
  use: (context: ActionContext) => Promise<T>,
): Promise<T> {
  const real = folder === null ? null : realFolder(folder);
  if (folder === null || real === null)
    throw new HostError('refused', 'the folder of this session is not known to the host');
  const workspace = innermost(deps.folders.workspaces(), real);
  const root = workspace?.path ?? real;
  const files = deps.roots.open(root);
  try {
    const base = relative(root, real).split(sep).join('/');
    return await use({
      agent: deps.agent,
      workspaceId: workspace?.id ?? null,
      requester: [deps.principal, `agent:${deps.agent}`],
      // As the client named it, too: the agent answers in the same words.
      roots: [...new Set([root, files.path, ...(workspace === null ? [folder] : [])])],
      base: base === '' ? '.' : base,
      files,
      sanitize: deps.sanitize,
    });
  } finally {
    files.close();
  }
}

function realFolder(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** The workspace around a folder, the innermost where one lies in another; null when it belongs to none. */
function innermost(workspaces: readonly WorkspaceFolder[], folder: string): WorkspaceFolder | null {
  const around = workspaces.filter(({ path }) => folder === path || folder.startsWith(`${path}${sep}`));
  return around.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
}
