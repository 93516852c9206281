import type { Workspace } from '../../../contract/workspaces.ts';
import { openRoot, type Root } from '../../guard/path-guard.ts';

/** Opens the path guard of a workspace for one call and closes it afterwards, so that no descriptor outlives a call. */
export async function withRoot<T>(workspace: Workspace, run: (root: Root) => Promise<T>): Promise<T> {
  const root = openRoot(workspace.path);
  try {
    return await run(root);
  } finally {
    root.close();
  }
}
