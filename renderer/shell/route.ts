import { useSyncExternalStore } from 'react';

/** The screens of the rail, in its order. */
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
/** Screens that are reached from another one; the rail shows that one as the place where you are. */
const within = { agents: 'tasks', sessions: 'tasks' } as const;
export type Screen = (typeof screens)[number] | keyof typeof within;
export type RailScreen = (typeof screens)[number];

const allScreens: readonly Screen[] = [...screens, ...(Object.keys(within) as (keyof typeof within)[])];

export function railScreen(screen: Screen): RailScreen {
  return screen in within ? within[screen as keyof typeof within] : (screen as RailScreen);
}

export interface Route {
  readonly screen: Screen;
  /** What is selected on the screen: an id or a name; null for nothing. */
  readonly item: string | null;
}

/** `#/tasks/ID`. An address that is no screen leads to the overview, never to an error. */
export function parseRoute(hash: string): Route {
  const [, name = '', item = ''] = /^#\/([a-z]*)\/?([A-Za-z0-9_-]{0,128})$/.exec(hash) ?? [];
  const screen = allScreens.find((known) => known === name) ?? 'overview';
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
