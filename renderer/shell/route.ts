import { useSyncExternalStore } from 'react';

export const screens = [
  'overview',
  'approvals',
  'tasks',
  'processes',
  'bridge',
  'tunnels',
  'remote',
  'devices',
  'audit',
  'settings',
] as const;
export type Screen = (typeof screens)[number];

export interface Route {
  readonly screen: Screen;
  /** What is selected on the screen: an id or a name; null for nothing. */
  readonly item: string | null;
}

/** `#/tasks/ID`. An address that is no screen leads to the overview, never to an error. */
export function parseRoute(hash: string): Route {
  const [, name = '', item = ''] = /^#\/([a-z]*)\/?([A-Za-z0-9_-]{0,128})$/.exec(hash) ?? [];
  const screen = screens.find((known) => known === name) ?? 'overview';
  return { screen, item: item === '' ? null : item };
}

export function hrefOf(screen: Screen, item?: string): string {
  return item === undefined ? `#/${screen}` : `#/${screen}/${item}`;
}

export function goTo(screen: Screen, item?: string): void {
  window.location.hash = hrefOf(screen, item);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      window.addEventListener('hashchange', changed);
      return () => window.removeEventListener('hashchange', changed);
    },
    () => window.location.hash,
  );
  return parseRoute(hash);
}
