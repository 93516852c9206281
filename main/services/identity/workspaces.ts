import { realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, sep } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { DisplayName, WorkspaceId } from '../../../contract/ids.ts';
import { Workspace } from '../../../contract/workspaces.ts';
import type { Caller } from '../../kernel/caller.ts';
import { text, type Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';

export interface Workspaces {
  readonly handlers: HandlersOf<'workspaces'>;
  all(): Workspace[];
  byId(id: WorkspaceId): Workspace | null;
  /** By id, name or path. A pinned caller gets its own, whatever it asks for, and never learns of another. */
  resolve(ref: string | undefined, caller: Caller): Workspace;
}

/** The folders that agents and clients may work in. */
export function createWorkspaces(deps: {
  db: Database;
  clock: Clock;
  random: RandomSource;
  homeRoot: string;
  publish(event: HostEvent): void;
}): Workspaces {
  const { db, clock, random, homeRoot, publish } = deps;
  const all = () =>
    db
      .all('SELECT body FROM workspaces ORDER BY path')
      .map((row) => Workspace.parse(JSON.parse(text(row, 'body'))));

  function save(workspace: Workspace): Workspace {
    db.run(
      'INSERT OR REPLACE INTO workspaces (id, path, body) VALUES (?, ?, ?)',
      workspace.id,
      workspace.path,
      JSON.stringify(workspace),
    );
    publish({ type: 'workspace.changed', workspace });
    return workspace;
  }

  function find(ref: string, among: readonly Workspace[]): Workspace {
    const byId = among.find((workspace) => workspace.id === ref || workspace.path === ref);
    if (byId) return byId;
    const named = among.filter((workspace) => workspace.name === ref);
    if (named.length === 1 && named[0]) return named[0];
    if (named.length > 1)
      throw new HostError('conflict', `several workspaces are named "${ref}"; use the path`);
    const known =
      among.map((workspace) => workspace.name).join(', ') || 'none yet: signalbox workspace add PATH';
    throw new HostError('not_found', `there is no workspace "${ref}"; known: ${known}`);
  }

  function resolve(ref: string | undefined, caller: Caller): Workspace {
    const visible =
      caller.workspaceId === null ? all() : all().filter((one) => one.id === caller.workspaceId);
    if (ref !== undefined) return find(ref, visible);
    if (visible.length === 1 && visible[0]) return visible[0];
    if (visible.length === 0) throw new HostError('not_found', 'no workspace is open to this client');
    const known = visible.map((workspace) => workspace.name).join(', ');
    throw new HostError('invalid_input', `say which workspace: ${known}`);
  }

  return {
    all,
    byId: (id) => all().find((workspace) => workspace.id === id) ?? null,
    resolve,
    handlers: {
      'workspaces.add': ({ path, name }) => {
        const real = realFolder(path);
        if (real === sep || real === homeRoot || homeRoot.startsWith(`${real}${sep}`)) {
          throw new HostError(
            'refused',
            `${real} holds the state of Signalbox itself; choose a project folder`,
          );
        }
        const known = all().find((workspace) => workspace.path === real);
        return save({
          id: known?.id ?? WorkspaceId.parse(random.id()),
          name: name ?? known?.name ?? DisplayName.parse(basename(real).slice(0, 64)),
          path: real,
          trusted: known?.trusted ?? false,
          addedAt: known?.addedAt ?? instant(clock.now()),
        });
      },
      'workspaces.list': () => ({ workspaces: all() }),
      'workspaces.remove': ({ workspace }, caller) => {
        const { id } = resolve(workspace, caller);
        db.run('DELETE FROM workspaces WHERE id = ?', id);
        publish({ type: 'workspace.removed', workspaceId: id });
        return {};
      },
      'workspaces.trust': ({ workspace, trusted }, caller) =>
        save({ ...resolve(workspace, caller), trusted }),
    },
  };
}

function realFolder(path: string): string {
  if (!isAbsolute(path)) throw new HostError('invalid_input', `"${path}" must be an absolute path`);
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch {
    throw new HostError('not_found', `there is no folder ${path}`);
  }
  throw new HostError('invalid_input', `${path} is not a folder`);
}
