import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { DisplayName, Instant, WorkspaceId } from './ids.ts';

/** A folder that agents and clients may work in. */
export const Workspace = z.strictObject({
  id: WorkspaceId,
  name: DisplayName,
  path: z.string().max(4096),
  trusted: z.boolean(),
  addedAt: Instant,
});
export type Workspace = z.infer<typeof Workspace>;

/** A workspace as a person names it: id, name or absolute path. */
export const WorkspaceRef = z.string().min(1).max(4096);

export const workspaceCommands = {
  'workspaces.add': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Let agents and clients work in a folder.',
    input: z.strictObject({ path: z.string().min(1).max(4096), name: DisplayName.optional() }),
    output: Workspace,
  }),
  'workspaces.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'The folders that agents and clients may work in.',
    input: Nothing,
    output: z.strictObject({ workspaces: z.array(Workspace) }),
  }),
  'workspaces.remove': command({
    capability: 'own',
    risk: 'low',
    summary: 'Take a folder off the list. Nothing in it is touched.',
    input: z.strictObject({ workspace: WorkspaceRef }),
    output: Nothing,
  }),
  'workspaces.trust': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Say whether the files of a folder may configure what runs (project files, scripts).',
    input: z.strictObject({ workspace: WorkspaceRef, trusted: z.boolean() }),
    output: Workspace,
  }),
};

export const WorkspaceChanged = z.strictObject({
  type: z.literal('workspace.changed'),
  workspace: Workspace,
});
export const WorkspaceRemoved = z.strictObject({
  type: z.literal('workspace.removed'),
  workspaceId: WorkspaceId,
});
